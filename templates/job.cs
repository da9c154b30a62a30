<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Work in the background; app.js keeps the bar moving, without it the page reloads. ?>
<?cs call:page_begin(Page.title) ?>
<div class="narrow">
<?cs call:heading(Page.title) ?>
<section class="card job" data-job="<?cs if:Page.running ?><?cs var:Page.id ?><?cs /if ?>" aria-live="polite">
	<p class="lead"><?cs call:badge(Page.state_kind, T.job.state[Data.state]) ?></p>
	<?cs if:string.length(Page.error) ?><?cs call:flash("danger", Page.error) ?><?cs /if ?>
	<?cs if:Data.total ?><?cs call:progress(Data.done, Data.total, T.job.progress) ?><?cs /if ?>
	<?cs if:Page.running ?><p class="note"><?cs var:T.job.leave ?></p><?cs /if ?>
	<?cs if:subcount(Page.facts) ?><?cs call:definitions(Page.facts) ?><?cs /if ?>
	<div class="form-actions">
		<?cs if:?Page.result_url ?><a class="button button-primary" href="<?cs var:path(Page.result_url) ?>"><?cs call:icon("download") ?><span><?cs var:Page.result_label ?></span></a><?cs /if ?>
		<?cs if:?Page.back_url ?><a class="button" href="<?cs var:path(Page.back_url) ?>"><?cs var:T.common.back ?></a><?cs /if ?>
	</div>
</section>
</div>
<?cs call:page_end() ?>
