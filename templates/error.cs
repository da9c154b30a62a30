<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Any error a page can end in. ?>
<?cs call:page_begin(Data.title) ?>
<div class="narrow">
<section class="card trouble">
	<p class="trouble-status"><?cs var:Data.status ?></p>
	<h1><?cs var:Data.title ?></h1>
	<p class="lead"><?cs var:Data.detail ?></p>
	<?cs if:string.length(Data.help) ?><p><?cs var:Data.help ?></p><?cs /if ?>
	<?cs if:subcount(Data.errors) ?><ul class="points"><?cs each:x = Data.errors ?><li><strong><?cs var:name(x) ?></strong> <?cs var:x ?></li><?cs /each ?></ul><?cs /if ?>
	<div class="form-actions">
		<?cs if:Data.kind == "unauthenticated" ?><a class="button button-primary" href="/login"><?cs var:T.error.sign_in ?></a>
		<?cs else ?><a class="button button-primary" href="/"><?cs if:Data.door ?><?cs var:T.error.door ?><?cs else ?><?cs var:T.error.home ?><?cs /if ?></a><?cs /if ?>
	</div>
	<?cs if:string.length(Chrome.request_id) ?><p class="note"><?cs var:fill(T.error.request_id, Chrome.request_id) ?></p><?cs /if ?>
</section>
</div>
<?cs call:page_end() ?>
