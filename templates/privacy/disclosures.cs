<?cs # SPDX-License-Identifier: ISC ?>
<?cs # To whom data of a person was given: Data.items, Page.form of one more. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:d = Data.items ?><li><div><strong><?cs var:d.recipient ?></strong> <?cs call:badge("neutral", d.source_word) ?>
		<p class="quiet"><?cs var:d.day ?><?cs if:string.length(d.fields_text) ?> · <?cs var:d.fields_text ?><?cs /if ?></p>
		<?cs if:string.length(d.purpose) ?><p class="note"><?cs var:d.purpose ?></p><?cs /if ?><?cs if:string.length(d.recorded_by) ?><p class="note"><?cs var:T.disclosures.recorded_by ?>: <?cs var:d.recorded_by ?></p><?cs /if ?></div></li><?cs /each ?></ul>
</section><?cs call:pager() ?>
<?cs else ?><div class="card"><?cs call:empty("archive", T.disclosures.empty, T.disclosures.empty_help) ?></div><?cs /if ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="<?cs var:path(Page.action) ?>" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.disclosures.add ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.form) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.disclosures.add ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
