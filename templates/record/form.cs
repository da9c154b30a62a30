<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Adds or edits a record of any kind. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:conflict() ?>
<?cs call:form_error() ?>
<form class="record-form" method="post" action="<?cs var:path(Page.action) ?>"<?cs if:Page.upload ?> enctype="multipart/form-data"<?cs /if ?> data-guard>
	<?cs call:form_hidden() ?>
	<?cs each:g = Page.groups ?><fieldset class="card"><legend class="card-title"><?cs var:g.label ?></legend>
		<?cs if:string.length(g.hint) ?><p class="note"><?cs var:g.hint ?></p><?cs /if ?>
		<div class="form-grid"><?cs call:fields(g.fields) ?></div>
	</fieldset><?cs /each ?>
	<?cs call:marks_legend() ?>
	<?cs call:form_actions(Page.submit, Page.cancel_url) ?>
</form>
</div>
<?cs call:page_end() ?>
