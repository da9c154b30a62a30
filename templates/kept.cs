<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A field that a law wants kept: until when, by which law; and no longer. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="record-form" method="post" action="<?cs var:path(Page.action) ?>" data-guard>
	<?cs call:form_hidden() ?>
	<?cs each:g = Page.groups ?><fieldset class="card"><legend class="card-title"><?cs var:g.label ?></legend>
		<p class="note"><?cs var:g.hint ?></p>
		<div class="form-grid"><?cs call:fields(g.fields) ?></div>
	</fieldset><?cs /each ?>
	<?cs call:form_actions(Page.submit, Page.cancel_url) ?>
</form>
<?cs if:?Page.remove_url ?><form method="post" action="<?cs var:path(Page.remove_url) ?>"><?cs call:form_hidden() ?><button class="button button-quiet" type="submit"><?cs call:icon("remove") ?><span><?cs var:T.action.remove ?></span></button></form><?cs /if ?>
</div>
<?cs call:page_end() ?>
