<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Finding a person for a case: whom it is about (Data.people), what was added (Data.records), searches
     that suggest themselves (Data.suggestions), hits by kind (Data.groups). ?>
<?cs def:find_hit(h) ?><li><label class="check"><input type="checkbox" name="add" value="<?cs var:h.hit ?>"<?cs if:h.chosen || h.added || !Page.open ?> disabled<?cs /if ?>><span class="visually-hidden"><?cs var:h.name ?></span></label>
	<div><?cs if:?h.url ?><a href="<?cs var:path(h.url) ?>"><?cs var:h.name ?></a><?cs else ?><?cs var:h.name ?><?cs /if ?> <span class="quiet"><?cs var:h.word ?><?cs if:string.length(h.when) ?> <?cs var:h.when ?><?cs /if ?></span>
		<?cs if:h.private ?> <?cs call:badge("neutral", T.badge.private) ?><?cs /if ?><?cs if:h.added ?> <?cs call:badge("info", T.find.added) ?><?cs elif:h.chosen ?> <?cs call:badge("info", T.find.chosen) ?><?cs /if ?>
		<?cs if:string.length(h.text) ?><p class="lines"><?cs var:h.text ?></p><?cs /if ?></div></li><?cs /def ?>
<?cs def:find_chosen(p) ?><li><label class="check"><?cs if:Page.open ?><input type="checkbox" name="remove" value="<?cs var:p.hit ?>"><?cs /if ?> <span><?cs if:string.length(p.label) ?><?cs var:p.label ?>: <?cs /if ?><?cs var:p.name ?></span></label><?cs if:?p.url ?><a class="meta" href="<?cs var:path(p.url) ?>"><?cs var:T.find.open ?><span class="visually-hidden"> <?cs var:p.name ?></span></a><?cs /if ?></li><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<?cs call:form_error() ?>
<div class="split">
<div class="split-side">
<form class="card panel" method="post" action="/privacy/requests/<?cs var:Page.id ?>/found" aria-labelledby="people">
	<div class="card-head"><h2 id="people"><?cs var:T.requests.people ?></h2></div><?cs call:form_hidden() ?>
	<?cs if:string.length(Page.query) ?><input type="hidden" name="query" value="<?cs var:Page.query ?>"><?cs /if ?>
	<?cs if:subcount(Data.people) ?><ul class="panel-rows"><?cs each:p = Data.people ?><?cs call:find_chosen(p) ?><?cs /each ?></ul>
	<?cs else ?><p class="panel-empty"><?cs var:T.requests.no_people ?></p><?cs /if ?>
	<?cs if:subcount(Data.records) ?><h3 class="card-title"><?cs var:T.find.records ?></h3><ul class="panel-rows"><?cs each:p = Data.records ?><?cs call:find_chosen(p) ?><?cs /each ?></ul><?cs /if ?>
	<?cs if:Page.open && (subcount(Data.people) || subcount(Data.records)) ?><div class="form-actions"><button class="button button-small" type="submit"><?cs var:T.find.take_out ?></button></div><?cs /if ?>
</form>
<?cs if:Page.sources_left && Page.open ?><form class="card" method="post" action="/privacy/requests/<?cs var:Page.id ?>/sources"><?cs call:form_hidden() ?>
	<p class="note"><?cs var:T.find.sources_help ?></p><div class="form-actions"><button class="button button-small" type="submit"><?cs var:T.find.ask_sources ?></button></div>
</form><?cs /if ?>
</div>
<div class="split-main">
<section class="card" aria-labelledby="search"><h2 class="card-title" id="search"><?cs var:T.find.search ?></h2>
	<?cs if:string.length(Page.scope) ?><p class="note lines"><?cs var:Page.scope ?></p><?cs /if ?>
	<form method="post" action="/privacy/requests/<?cs var:Page.id ?>/find"><?cs call:form_hidden() ?><div class="form-grid"><?cs call:fields(Page.fields) ?></div>
		<div class="form-actions"><button class="button button-primary" type="submit"><?cs call:icon("search") ?><span><?cs var:T.find.search ?></span></button></div></form>
	<?cs if:subcount(Data.suggestions) ?><form class="actions" method="post" action="/privacy/requests/<?cs var:Page.id ?>/find"><?cs call:form_hidden() ?><span class="quiet"><?cs var:T.find.suggestions ?></span> <?cs each:s = Data.suggestions ?><button class="button button-small" name="q" value="<?cs var:s ?>"><?cs var:s ?></button> <?cs /each ?></form><?cs /if ?>
	<p class="note"><?cs var:T.find.help ?></p>
</section>
<?cs if:Page.asked ?><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/found"><?cs call:form_hidden() ?><input type="hidden" name="query" value="<?cs var:Page.query ?>">
<?cs each:g = Data.groups ?><section class="card" aria-labelledby="g-<?cs var:g.kind ?>"><div class="card-head"><h2 id="g-<?cs var:g.kind ?>"><?cs var:g.label ?> <span class="count"><?cs var:g.count_text ?></span></h2></div>
	<?cs if:subcount(g.items) ?><ul class="rows"><?cs each:h = g.items ?><?cs call:find_hit(h) ?><?cs /each ?></ul><?cs else ?><p class="quiet"><?cs var:T.find.none ?></p><?cs /if ?>
	<?cs if:string.length(g.next_url) ?><p><a class="button button-small" href="<?cs var:path(g.next_url) ?>"><?cs var:T.list.next ?><span class="visually-hidden"> <?cs var:g.label ?></span></a></p><?cs /if ?>
</section><?cs /each ?>
<?cs if:Page.open ?><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.find.take ?></button></div><?cs /if ?>
</form><?cs /if ?>
</div>
</div>
<?cs call:page_end() ?>
