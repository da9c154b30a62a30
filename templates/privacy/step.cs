<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One step of a case: what the law asks of it, its letter (Page.letter), what was entered for it already (Page.facts), and Page.fields. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<?cs if:Page.late ?><?cs call:flash("warning", T.requests.late_help) ?><?cs /if ?>
<form class="card" method="post" action="<?cs var:path(Page.action) ?>" data-guard>
	<p class="note"><?cs var:Page.law ?></p>
	<?cs if:string.length(Page.letter) ?><p class="note"><?cs var:Page.letter ?></p><?cs /if ?>
	<?cs call:form_hidden() ?>
	<?cs if:subcount(Page.facts) ?><dl class="definitions"><?cs each:f = Page.facts ?><dt><?cs var:f.label ?></dt><dd class="lines"><?cs var:f.text ?></dd><?cs /each ?></dl><?cs /if ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<?cs if:string.length(Page.submit) ?><?cs call:form_actions(Page.submit, Page.cancel_url) ?><?cs else ?><?cs call:form_actions(Page.title, Page.cancel_url) ?><?cs /if ?>
</form>
</div>
<?cs call:page_end() ?>
