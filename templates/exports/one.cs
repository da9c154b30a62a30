<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One export: Page.facts, what was looked for, and what the reader may decide. ?>
<?cs call:page_begin(Page.title) ?>
<div class="narrow">
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:Page.waits ?><?cs call:flash("info", T.exports.waits) ?><?cs /if ?>
<?cs if:?Page.failure ?><?cs call:flash("warning", Page.failure) ?><?cs /if ?>
<section class="card" aria-label="<?cs var:Page.title ?>">
	<?cs call:definitions(Page.facts) ?>
	<?cs if:string.length(Page.words) || subcount(Page.applied) ?><p><?cs var:T.exports.only ?></p><ul class="points"><?cs if:string.length(Page.words) ?><li><?cs var:Page.words ?></li><?cs /if ?><?cs each:a = Page.applied ?><li><?cs var:a.label ?>: <?cs var:a.text ?></li><?cs /each ?></ul><?cs /if ?>
	<?cs if:?Page.remaining ?><div data-follow="/api/v1<?cs var:path(Page.url) ?>">
		<div class="progress"><progress max="100" value="<?cs var:Page.percent ?>" aria-label="<?cs var:T.job.progress ?>"></progress><p data-done><?cs var:Page.percent ?> %</p></div>
		<p class="note"><span aria-live="polite" data-unknown="<?cs var:T.takeout.remaining_unknown ?>" data-minute="<?cs var:T.takeout.remaining_minute ?>" data-minutes="<?cs var:T.takeout.remaining ?>"><?cs var:Page.remaining ?></span> <?cs var:T.job.leave ?></p>
	</div><?cs /if ?>
	<?cs if:subcount(Page.volumes) ?><p><?cs var:T.takeout.ready ?></p><ul class="points"><?cs each:v = Page.volumes ?><li><a href="<?cs var:path(v.url) ?>"><?cs var:v.name ?></a> · <?cs var:v.size ?> · <?cs var:v.left ?></li><?cs /each ?></ul><?cs /if ?>
	<?cs if:string.length(Page.download) || Page.cancel ?><div class="form-actions">
		<?cs if:string.length(Page.download) ?><a class="button button-primary" href="<?cs var:path(Page.download) ?>"><?cs call:icon("download") ?><span><?cs var:T.job.fetch ?></span></a><?cs /if ?>
		<?cs if:Page.cancel ?><form method="post" action="<?cs var:path(Page.url) ?>/cancel"><?cs call:form_hidden() ?><button class="button" type="submit"><?cs var:T.exports.cancel ?></button></form><?cs /if ?>
	</div><?cs /if ?>
</section>
<?cs if:Page.alone ?><?cs call:flash("warning", T.exports.alone) ?><?cs /if ?>
<?cs if:Page.approve || Page.reject ?><form class="card" method="post" action="<?cs var:path(Page.url) ?>/approve" aria-labelledby="decide">
	<h2 class="card-title" id="decide"><?cs var:T.exports.decide ?></h2>
	<?cs call:form_hidden() ?>
	<?cs call:fields(Page.fields) ?>
	<div class="form-actions"><?cs if:Page.approve ?><button class="button button-primary" type="submit"><?cs var:T.exports.approve ?></button><?cs /if ?>
		<?cs if:Page.reject ?><button class="button button-danger" type="submit" formaction="<?cs var:path(Page.url) ?>/reject"><?cs var:T.exports.reject ?></button><?cs /if ?></div>
</form><?cs /if ?>
</div>
<?cs call:page_end() ?>
