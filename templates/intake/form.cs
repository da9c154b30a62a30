<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The public form of requests: Page.fields, Page.more, Page.notice (what is said on collection). ?>
<?cs call:page_begin(T.intake.title) ?>
<div class="heading"><div class="heading-text"><h1><?cs var:T.intake.title ?></h1>
<p class="subtitle"><?cs var:fill(T.intake.lead, Chrome.workspace.name) ?></p></div></div>
<div class="form-column">
<?cs call:form_error() ?>
<form method="post" action="/privacy-request" data-guard>
	<?cs call:form_hidden() ?>
	<div class="card"><div class="form-grid"><?cs call:fields(Page.fields) ?></div></div>
	<details class="card fold"<?cs if:string.length(Page.error) ?> open<?cs /if ?>><summary class="card-title"><?cs var:T.intake.more ?></summary><div class="form-grid"><?cs call:fields(Page.more) ?></div></details>
	<section class="card" aria-labelledby="notice"><h2 class="card-title" id="notice"><?cs var:T.intake.notice ?></h2><?cs each:n = Page.notice ?><p class="note"><?cs var:n ?></p><?cs /each ?></section>
	<?cs call:form_actions(T.intake.submit, "") ?>
</form>
</div>
<?cs call:page_end() ?>
