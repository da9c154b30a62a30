<?cs # SPDX-License-Identifier: ISC ?>
<?cs # How long what is kept: Data.items, Page.fields of a new rule. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:r = Data.items ?><li><div><strong><?cs var:r.entity_word ?><?cs if:string.length(r.part) ?>: <?cs var:r.part ?><?cs /if ?></strong> <?cs if:r.builtin ?><?cs call:badge("neutral", T.retention.builtin) ?><?cs /if ?>
		<p><?cs if:string.length(r.min_text) ?><?cs var:r.min_text ?><?cs /if ?><?cs if:string.length(r.min_text) && string.length(r.max_text) ?>; <?cs /if ?><?cs if:string.length(r.max_text) ?><?cs var:r.max_text ?><?cs /if ?></p>
		<p class="quiet"><?cs var:T.retention.counts_from ?>: <?cs var:r.from ?><?cs if:string.length(r.law) ?> · <?cs var:r.law ?><?cs /if ?></p></div>
		<?cs if:!r.builtin ?><form method="post" action="/privacy/retention/<?cs var:r.id ?>/remove"><?cs call:form_hidden() ?><button class="button button-small button-quiet" type="submit"><?cs call:icon("remove") ?><span><?cs var:T.holidays.remove ?></span><span class="visually-hidden"> <?cs var:r.entity_word ?> <?cs var:r.part ?></span></button></form><?cs /if ?></li><?cs /each ?></ul>
</section>
<?cs call:form_error() ?>
<form class="card" method="post" action="/privacy/retention" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.retention.add ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.retention.add ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
