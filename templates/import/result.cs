<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Progress and result of an import. ?>
<?cs call:page_begin(fill(T.import.result_title, Data.id)) ?>
<div class="narrow">
<?cs call:heading(fill(T.import.result_title, Data.id)) ?>
<section class="card job" data-job="<?cs if:Page.running ?><?cs var:Data.job ?><?cs /if ?>" aria-live="polite">
	<p class="lead"><?cs call:badge(Page.state_kind, Page.state_label) ?></p>
	<?cs if:Data.total ?><?cs call:progress(Data.done, Data.total, T.job.progress) ?><?cs /if ?>
	<?cs if:Page.running ?><p class="note"><?cs var:T.job.leave ?></p><?cs /if ?>
	<dl class="definitions">
	<div><dt><?cs var:T.import.created ?></dt><dd><?cs var:thousands(Data.created) ?></dd></div>
	<div><dt><?cs var:T.import.updated ?></dt><dd><?cs var:thousands(Data.updated) ?></dd></div>
	<div><dt><?cs var:T.import.skipped ?></dt><dd><?cs var:thousands(Data.skipped) ?></dd></div>
	<div><dt><?cs var:T.import.failed ?></dt><dd><?cs var:thousands(Data.failed) ?></dd></div>
	</dl>
	<div class="form-actions">
		<?cs if:Data.failed ?><a class="button" href="/imports/<?cs var:Data.id ?>/failed.csv"><?cs call:icon("download") ?><span><?cs var:T.import.failed_csv ?></span></a><?cs /if ?>
		<a class="button" href="/import"><?cs var:T.import.again ?></a>
	</div>
</section>
<?cs if:Data.state == "done" && Data.created ?><form class="card" method="post" action="/imports/<?cs var:Data.id ?>/undo"><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><button class="button" type="submit"><?cs call:icon("archive") ?><span><?cs var:T.import.undo ?></span></button></form><?cs /if ?>
</div>
<?cs call:page_end() ?>
