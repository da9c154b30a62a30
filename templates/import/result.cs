<?cs # SPDX-License-Identifier: ISC ?>
<?cs # An import at work or at its end. ?>
<?cs set:Var.title = fill(T.import.result_title, Data.id) ?>
<?cs call:page_begin(Var.title) ?>
<nav class="crumbs" aria-label="<?cs var:T.chrome.crumbs ?>"><ol><li><a href="/import"><?cs var:T.import.title ?></a><?cs call:icon("right") ?></li></ol></nav>
<?cs call:heading(Var.title) ?>
<?cs if:Page.running ?><?cs call:import_steps(3) ?><?cs else ?><?cs call:import_steps(4) ?><?cs /if ?>
<div class="form-column">
<?cs if:Page.running ?><section class="card job" data-job="<?cs var:Data.job ?>" aria-live="polite">
	<?cs if:Data.total ?><?cs call:progress(Data.done, Data.total, T.job.progress) ?><?cs else ?><p><?cs var:Page.state_label ?></p><?cs /if ?><p class="note"><?cs var:T.job.leave ?></p>
</section><?cs elif:Data.state == "done" && Data.failed && !Data.created && !Data.updated ?><?cs call:flash("warning", T.import.nothing_in) ?><?cs elif:Data.state == "done" ?><?cs call:flash("success", Page.state_label) ?>
<?cs elif:Data.state == "failed" ?><?cs call:flash("danger", Page.state_label) ?><?cs else ?><?cs call:flash("info", Page.state_label) ?><?cs /if ?>
<?cs if:!Page.running ?><ul class="numbers">
	<li class="card"><p class="number"><?cs var:thousands(Data.created) ?></p><p class="quiet"><?cs var:T.import.created ?></p></li>
	<li class="card"><p class="number"><?cs var:thousands(Data.updated) ?></p><p class="quiet"><?cs var:T.import.updated ?></p></li>
	<li class="card"><p class="number"><?cs var:thousands(Data.skipped) ?></p><p class="quiet"><?cs var:T.import.skipped ?></p></li>
	<li class="card"><p class="number<?cs if:Data.failed ?> bad<?cs /if ?>"><?cs var:thousands(Data.failed) ?></p><p class="quiet"><?cs var:T.import.failed ?></p></li>
</ul><?cs /if ?>
<?cs if:!Page.running && subcount(Data.reasons) ?><section class="card card-flush" aria-labelledby="reasons"><h2 class="card-title" id="reasons"><?cs var:T.import.reasons ?></h2>
	<div class="table-box" tabindex="0" role="region" aria-labelledby="reasons"><table class="table">
		<thead><tr><th scope="col"><?cs var:T.import.error ?></th><th scope="col" class="end"><?cs var:T.import.total ?></th></tr></thead>
		<tbody><?cs each:x = Data.reasons ?><tr><td class="wrap" data-label="<?cs var:T.import.error ?>"><?cs var:x.reason ?></td><td class="end" data-label="<?cs var:T.import.total ?>"><?cs var:thousands(x.rows) ?></td></tr><?cs /each ?></tbody>
	</table></div></section>
<?cs if:!Page.destroyed ?><p class="intro"><?cs var:T.import.reasons_help ?></p><?cs /if ?><?cs /if ?>
<div class="actions">
	<?cs if:Data.failed && !Page.destroyed ?><a class="button" href="/imports/<?cs var:Data.id ?>/failed.csv"><?cs call:icon("download") ?><span><?cs var:T.import.failed_csv ?></span></a><?cs /if ?>
	<?cs if:Data.state == "done" && Data.created ?><form method="post" action="/imports/<?cs var:Data.id ?>/undo"><?cs call:form_hidden() ?><button class="button" type="submit"><?cs call:icon("restore") ?><span><?cs var:T.import.undo ?></span></button></form><?cs /if ?>
	<?cs if:!Page.running ?><a class="button" href="/import"><?cs call:icon("import") ?><span><?cs var:T.import.again ?></span></a><?cs /if ?>
</div>
<?cs if:!Page.running ?><p class="note"><?cs var:Page.term ?></p><?cs /if ?>
</div>
<?cs call:page_end() ?>
