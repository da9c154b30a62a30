<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A letter begun: Page.law, Page.fields with what is known filled in. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="<?cs var:path(Page.action) ?>" data-guard>
	<?cs if:string.length(Page.law) ?><p class="note"><?cs var:Page.law ?></p><?cs /if ?>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<?cs call:form_actions(T.letters.write, Page.cancel_url) ?>
</form>
</div>
<?cs call:page_end() ?>
