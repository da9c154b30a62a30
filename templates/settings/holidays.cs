<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Days on which no statutory period ends: Data.items of Data.year, Page.years, Page.fields of a new one. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:tabs(Page.years, T.holidays.year) ?>
<div class="form-column">
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:d = Data.items ?><li><div><strong><?cs var:d.shown ?></strong> <span class="quiet"><?cs var:d.weekday ?></span>
		<p><?cs var:d.name ?><?cs if:d.kind != "general" ?> <?cs call:badge("warning", d.kind_word) ?><?cs /if ?></p><?cs if:string.length(d.source) ?><p class="note"><?cs if:weburl(d.source) != "#" ?><a href="<?cs var:weburl(d.source) ?>" rel="noreferrer"><?cs var:T.holidays.source ?></a><?cs else ?><?cs var:d.source ?><?cs /if ?></p><?cs /if ?></div>
		<form method="post" action="/settings/holidays/<?cs var:d.id ?>/remove"><?cs call:form_hidden() ?><button class="button button-small button-quiet" type="submit"><?cs call:icon("remove") ?><span><?cs var:T.holidays.remove ?></span><span class="visually-hidden"> <?cs var:d.shown ?></span></button></form></li><?cs /each ?></ul>
</section>
<?cs else ?><div class="card"><?cs call:empty("clock", T.holidays.empty, T.holidays.empty_help) ?></div><?cs /if ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="/settings/holidays" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.holidays.add ?></h2>
	<p class="note"><?cs var:T.holidays.add_help ?></p>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.holidays.add ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
