<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Recording a request: Page.fields is enough for most, Page.more is what the statutory form asks. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form method="post" action="/privacy/requests" data-guard>
	<?cs call:form_hidden() ?>
	<div class="card"><div class="form-grid"><?cs call:fields(Page.fields) ?></div></div>
	<details class="card fold"<?cs if:string.length(Page.error) ?> open<?cs /if ?>><summary class="card-title"><?cs var:T.requests.more ?></summary><div class="form-grid"><?cs call:fields(Page.more) ?></div></details>
	<?cs call:form_actions(T.requests.record, Page.cancel_url) ?>
</form>
</div>
<?cs call:page_end() ?>
