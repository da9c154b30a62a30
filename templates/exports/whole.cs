<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Asking for an export of everything. ?>
<?cs call:page_begin(Page.title) ?>
<div class="form-column">
<?cs call:form_heading(Page.title) ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="/workspace/exports">
	<?cs call:form_hidden() ?>
	<p class="lead"><?cs var:T.takeout.lead ?></p>
	<ul class="points"><li><?cs var:T.takeout.point_what ?></li><li><?cs var:T.takeout.point_open ?></li><li><?cs var:T.takeout.point_day ?></li><li><?cs var:T.takeout.point_erase ?></li></ul>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<p class="note"><?cs var:T.takeout.note ?></p>
	<?cs call:form_actions(T.exports.submit, "/exports") ?>
</form>
</div>
<?cs call:page_end() ?>
