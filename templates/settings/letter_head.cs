<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The letterhead in one language: Page.fields, Page.url. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="<?cs var:path(Page.url) ?>" data-guard>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<?cs call:form_actions("", "/settings/letters") ?>
</form>
</div>
<?cs call:page_end() ?>
