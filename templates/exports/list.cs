<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Exports; Page.fields: the threshold, for whoever may change it. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<p class="intro"><?cs var:Page.intro ?></p>
<?cs if:subcount(Page.rows) ?><div class="card card-flush"><?cs call:table(Page.columns, Page.rows) ?></div>
<?cs call:pager() ?>
<?cs else ?><div class="card"><?cs call:empty("download", T.exports.empty, T.exports.empty_help) ?></div><?cs /if ?>
<?cs if:subcount(Page.fields) ?><div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="/exports/threshold" aria-labelledby="threshold">
	<h2 class="card-title" id="threshold"><?cs var:T.exports.threshold_title ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<?cs call:form_actions("", "") ?>
</form>
</div><?cs /if ?>
<?cs call:page_end() ?>
