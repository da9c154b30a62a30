<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Asking for an export of a list: Page.words and Page.applied are what is in force. ?>
<?cs call:page_begin(Page.title) ?>
<div class="form-column">
<?cs call:form_heading(Page.title) ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="<?cs var:path(Page.action) ?>">
	<?cs call:form_hidden() ?>
	<p class="lead"><?cs var:T.exports.ask_lead ?></p>
	<?cs if:string.length(Page.words) || subcount(Page.applied) ?><p><?cs var:T.exports.only ?></p><ul class="points"><?cs if:string.length(Page.words) ?><li><?cs var:Page.words ?></li><?cs /if ?><?cs each:a = Page.applied ?><li><?cs var:a.label ?>: <?cs var:a.text ?></li><?cs /each ?></ul><?cs /if ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<p class="note"><?cs var:T.exports.ask_note ?></p>
	<?cs call:form_actions(T.exports.submit, Page.cancel_url) ?>
</form>
</div>
<?cs call:page_end() ?>
