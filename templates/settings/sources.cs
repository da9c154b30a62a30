<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Where data lies outside of Praya: Data.items, Page.fields of a new one. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:s = Data.items ?><li><div><strong><?cs var:s.name ?></strong> <?cs if:s.kind == "processor" ?><?cs call:badge("neutral", s.kind_word) ?><?cs /if ?>
		<p class="quiet"><?cs var:s.holder ?>, <?cs var:s.days_text ?></p></div>
		<form method="post" action="/settings/sources/<?cs var:s.id ?>/remove"><?cs call:form_hidden() ?><button class="button button-small button-quiet" type="submit"><?cs call:icon("remove") ?><span><?cs var:T.holidays.remove ?></span><span class="visually-hidden"> <?cs var:s.name ?></span></button></form></li><?cs /each ?></ul>
</section>
<?cs else ?><div class="card"><?cs call:empty("archive", T.sources.empty, T.sources.empty_help) ?></div><?cs /if ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="/settings/sources" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.sources.add ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.sources.add ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
