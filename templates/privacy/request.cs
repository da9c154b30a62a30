<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One case: what can be done (Page.steps; next: it stands out), what the rest waits for (Page.lacking), what the last days want (Page.soon), Page.facts, Data.items, Data.events. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:string.length(Page.copy_error) ?><?cs call:flash("danger", Page.copy_error) ?><?cs /if ?>
<?cs if:string.length(Page.recommended) ?><?cs call:flash("info", Page.recommended) ?><?cs /if ?>
<?cs if:string.length(Page.soon) ?><?cs if:Page.past ?><?cs call:flash("danger", Page.soon) ?><?cs else ?><?cs call:flash("warning", Page.soon) ?><?cs /if ?><?cs /if ?>
<?cs each:e = Page.earlier ?><?cs if:e.open ?><?cs call:flash("warning", fill(T.requests.open_already, e.reference)) ?><?cs /if ?><?cs /each ?>
<?cs if:subcount(Page.steps) || subcount(Page.lacking) ?><section class="card" aria-labelledby="next"><h2 class="card-title" id="next"><?cs var:T.requests.next ?></h2>
	<div class="actions"><?cs each:s = Page.steps ?><?cs if:s.direct ?><form method="post" action="<?cs var:path(s.url) ?>"><?cs call:form_hidden() ?><button class="button<?cs if:s.next ?> button-primary<?cs /if ?>" type="submit"><?cs var:s.label ?></button></form><?cs else ?><a class="button<?cs if:s.next ?> button-primary<?cs /if ?>" href="<?cs var:path(s.url) ?>"><?cs var:s.label ?></a><?cs /if ?><?cs /each ?></div>
	<?cs if:string.length(Page.letter_first) ?><p class="note"><?cs var:Page.letter_first ?></p><?cs /if ?>
	<?cs if:subcount(Page.lacking) ?><h3 class="card-title"><?cs var:T.requests.missing ?></h3><ul class="points"><?cs each:s = Page.lacking ?><li><strong><?cs var:s.label ?></strong>: <?cs each:l = s.lacks ?><?cs if:!first(l) ?>; <?cs /if ?><?cs var:l ?><?cs /each ?></li><?cs /each ?></ul><?cs /if ?>
</section><?cs /if ?>
<div class="split">
<div class="split-side">
<section class="card" aria-labelledby="facts"><h2 class="card-title" id="facts"><?cs var:T.requests.facts ?></h2>
	<dl class="definitions"><?cs each:f = Page.facts ?><dt><?cs var:f.label ?></dt><dd class="lines"><?cs var:f.text ?></dd><?cs /each ?></dl>
</section>
<?cs if:subcount(Data.files) || Page.upload_link ?><section class="card panel" aria-labelledby="files"><div class="card-head"><h2 id="files"><?cs var:T.requests.files ?></h2></div>
	<?cs if:subcount(Data.files) ?><ul class="panel-rows"><?cs each:f = Data.files ?><li><?cs if:?f.url ?><a href="<?cs var:path(f.url) ?>"><?cs var:f.name ?></a><?cs else ?><?cs var:f.name ?><?cs /if ?><span class="meta"><?cs var:f.what_word ?> · <?cs if:f.destroyed ?><?cs var:T.requests.file_destroyed ?><?cs else ?><?cs var:f.size_text ?><?cs /if ?></span></li><?cs /each ?></ul><?cs /if ?>
	<?cs if:Page.upload_link ?><form class="actions" method="post" action="/privacy/requests/<?cs var:Page.id ?>/upload-links"><?cs call:form_hidden() ?><button class="button button-small" type="submit"><?cs var:T.requests.upload_link ?></button></form><?cs /if ?>
</section><?cs /if ?>
<?cs if:Page.answers || subcount(Data.handovers) ?><section class="card panel" aria-labelledby="handover"><div class="card-head"><h2 id="handover"><?cs var:T.handover.section ?></h2></div>
	<p class="note"><?cs var:T.handover.help ?></p>
	<?cs if:subcount(Data.handovers) ?><ul class="panel-rows"><?cs each:h = Data.handovers ?><li><span><?cs var:h.until ?></span><span class="meta"><?cs var:h.state_word ?></span><?cs if:?h.end_url && Page.runs ?><form method="post" action="<?cs var:path(h.end_url) ?>"><?cs call:form_hidden() ?><button class="button button-small button-quiet" type="submit"><?cs var:T.handover.end ?></button></form><?cs /if ?></li><?cs /each ?></ul><?cs /if ?>
	<?cs if:Page.answers ?><details class="fold"><summary class="card-title"><?cs var:T.handover.add ?></summary><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/files" enctype="multipart/form-data"><?cs call:form_hidden() ?><?cs call:fields(Page.answer) ?><div class="form-actions"><button class="button" type="submit"><?cs var:T.handover.add ?></button></div></form></details><?cs /if ?>
	<?cs if:subcount(Page.handover) ?><details class="fold"><summary class="card-title"><?cs var:T.handover.make ?></summary><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/handovers"><?cs call:form_hidden() ?><?cs call:fields(Page.handover) ?><div class="form-actions"><button class="button" type="submit"><?cs var:T.handover.make ?></button></div></form></details><?cs /if ?>
</section><?cs /if ?>
<?cs if:subcount(Data.letters) || subcount(Data.letters_due) || Page.writes ?><section class="card panel" aria-labelledby="letters"><div class="card-head"><h2 id="letters"><?cs var:T.letters.title ?></h2></div>
	<?cs if:Page.writes && subcount(Data.letters_due) ?><p class="note"><?cs var:T.letters.due ?></p><ul class="panel-rows"><?cs each:l = Data.letters_due ?><li><a href="<?cs var:path(l.url) ?>"><?cs var:l.name ?></a><?cs if:string.length(l.by_law) ?><span class="meta"><?cs var:l.by_law ?></span><?cs /if ?></li><?cs /each ?></ul><?cs /if ?>
	<?cs if:subcount(Data.letters) ?><ul class="panel-rows"><?cs each:l = Data.letters ?><li><?cs if:Page.runs ?><a href="<?cs var:path(l.url) ?>"><?cs var:l.name ?></a><?cs else ?><?cs var:l.name ?><?cs /if ?><span class="meta"><?cs var:l.when ?></span></li><?cs /each ?></ul><?cs /if ?>
	<?cs if:Page.writes ?><form class="actions" method="get" action="/privacy/requests/<?cs var:Page.id ?>/letters/new"><?cs call:fields(Page.letter_new) ?><button class="button button-small" type="submit"><?cs var:T.letters.new ?></button></form><?cs /if ?>
</section><?cs /if ?>
<section class="card panel" aria-labelledby="people"><div class="card-head"><h2 id="people"><?cs var:T.requests.people ?></h2></div>
	<?cs if:subcount(Page.people) ?><ul class="panel-rows"><?cs each:p = Page.people ?><li><?cs if:?p.url ?><a href="<?cs var:path(p.url) ?>"><?cs var:p.name ?></a><?cs else ?><?cs var:p.name ?><?cs /if ?></li><?cs /each ?></ul>
	<?cs else ?><p class="panel-empty"><?cs var:T.requests.no_people ?></p><?cs /if ?>
	<?cs if:Page.runs ?><div class="actions"><a class="button button-small" href="/privacy/requests/<?cs var:Page.id ?>/find"><?cs call:icon("search") ?><span><?cs var:T.find.title ?></span></a> <a class="button button-small" href="/privacy/requests/<?cs var:Page.id ?>/copy"><?cs call:icon("masked") ?><span><?cs var:T.copy.title ?></span></a></div><?cs /if ?>
</section>
<?cs if:subcount(Page.earlier) ?><section class="card panel" aria-labelledby="earlier"><div class="card-head"><h2 id="earlier"><?cs var:T.requests.earlier ?></h2></div>
	<ul class="panel-rows"><?cs each:e = Page.earlier ?><li><a href="<?cs var:path(e.url) ?>"><?cs var:e.reference ?></a><span class="meta"><?cs var:e.state_word ?></span></li><?cs /each ?></ul>
</section><?cs /if ?>
<?cs if:Page.runs && Page.open ?><form class="card" method="post" action="/privacy/assign" aria-labelledby="assign"><h2 class="card-title" id="assign"><?cs var:T.requests.assign ?></h2>
	<?cs call:form_hidden() ?><input type="hidden" name="ids" value="<?cs var:Page.id ?>"><input type="hidden" name="confirm" value="1">
	<?cs call:fields(Page.assign) ?><div class="form-actions"><button class="button" type="submit"><?cs var:T.requests.assign ?></button></div>
</form><?cs /if ?>
</div>
<div class="split-main">
<?cs if:Page.retention ?><section class="card" aria-labelledby="conflicts"><h2 class="card-title" id="conflicts"><?cs var:T.retention.conflicts ?></h2>
	<?cs if:subcount(Page.conflicts) ?><p class="note"><?cs var:T.retention.conflicts_help ?></p><ul class="rows"><?cs each:x = Page.conflicts ?><li><div><strong><?cs var:x.title ?></strong><?cs if:?x.contact ?> <span class="quiet"><?cs var:x.contact ?></span><?cs /if ?><p><?cs var:x.text ?> <span class="quiet"><?cs var:x.law ?></span></p></div></li><?cs /each ?></ul>
	<?cs else ?><p class="quiet"><?cs var:T.retention.none ?></p><?cs /if ?>
</section><?cs /if ?>
<section class="card" aria-labelledby="items"><h2 class="card-title" id="items"><?cs var:T.requests.items ?></h2>
	<?cs if:subcount(Data.items) ?><ul class="rows"><?cs each:i = Data.items ?><li><div><strong><?cs var:i.label ?></strong> <?cs if:string.length(i.source_word) ?><?cs call:badge("neutral", i.source_word) ?> <?cs /if ?><span class="quiet"><?cs var:i.what_word ?><?cs if:string.length(i.by) && (!string.length(i.outcome) || string.length(i.source)) ?>, <?cs var:i.by ?><?cs /if ?></span></div>
		<?cs if:string.length(i.outcome) ?><?cs call:badge("neutral", i.outcome_word) ?> <?cs var:i.reason ?>
		<?cs elif:Page.runs && Page.open ?><form class="actions" method="post" action="/privacy/requests/<?cs var:Page.id ?>/items/<?cs var:i.id ?>"><?cs call:form_hidden() ?>
			<?cs if:i.what == "source" ?><button class="button button-small" name="outcome" value="held"><?cs var:T.requests.outcome.held ?></button><button class="button button-small" name="outcome" value="not_held"><?cs var:T.requests.outcome.not_held ?></button>
			<?cs elif:i.what == "field" ?><button class="button button-small" name="outcome" value="done"><?cs var:T.requests.outcome.done ?></button><button class="button button-small" name="outcome" value="refused"><?cs var:T.requests.outcome.refused ?></button>
			<?cs elif:i.what == "processor" ?><button class="button button-small" name="outcome" value="confirmed"><?cs var:T.requests.outcome.confirmed ?></button><button class="button button-small" name="outcome" value="not_held"><?cs var:T.requests.outcome.not_held ?></button>
			<?cs else ?><button class="button button-small" name="outcome" value="sent"><?cs var:T.requests.outcome.sent ?></button><div class="field"><label class="label" for="why-<?cs var:i.id ?>"><?cs var:T.requests.why_not ?></label> <input class="input" id="why-<?cs var:i.id ?>" name="reason" maxlength="1000"<?cs if:i.id == Page.item_sent && string.length(Page.errors.reason) ?> aria-invalid="true" aria-describedby="reason-note" value="<?cs var:Page.typed.reason ?>"<?cs /if ?>><?cs if:i.id == Page.item_sent && string.length(Page.errors.reason) ?><p class="error" id="reason-note"><?cs call:icon("danger") ?> <?cs var:Page.errors.reason ?></p><?cs /if ?></div><button class="button button-small" name="outcome" value="ceased"><?cs var:T.requests.outcome.ceased ?></button><?cs /if ?></form><?cs /if ?>
		<?cs if:i.what == "source" && Page.runs && Page.open ?><details class="fold"><summary><?cs var:T.requests.source_file ?></summary><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/files" enctype="multipart/form-data"><?cs call:form_hidden() ?><input type="hidden" name="item" value="<?cs var:i.id ?>"><p class="note"><?cs var:T.requests.source_file_help ?></p><label class="label" for="found-<?cs var:i.id ?>"><?cs var:T.handover.file ?></label> <input class="input" type="file" id="found-<?cs var:i.id ?>" name="file" required><div class="form-actions"><button class="button button-small" type="submit"><?cs var:T.requests.source_file ?></button></div></form></details><?cs /if ?></li><?cs /each ?></ul>
	<?cs else ?><p class="quiet"><?cs var:T.requests.items_help ?></p><?cs /if ?>
	<?cs if:Page.runs && Page.recipients ?><form class="actions" method="post" action="/privacy/requests/<?cs var:Page.id ?>/recipients"><?cs call:form_hidden() ?><button class="button button-small" type="submit"><?cs var:T.disclosures.list ?></button></form><?cs /if ?>
	<?cs if:Page.runs && Page.open ?><details class="fold"><summary class="card-title"><?cs var:T.requests.add_item ?></summary><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/items"><?cs call:form_hidden() ?><div class="form-grid"><?cs call:fields(Page.item) ?></div><div class="form-actions"><button class="button" type="submit"><?cs var:T.requests.add_item ?></button></div></form></details><?cs /if ?>
</section>
<section class="card" aria-labelledby="history"><h2 class="card-title" id="history"><?cs var:T.requests.history ?></h2>
	<form method="post" action="/privacy/requests/<?cs var:Page.id ?>/notes"><?cs call:form_hidden() ?><?cs call:fields(Page.note) ?><div class="form-actions"><button class="button" type="submit"><?cs var:T.requests.add_note ?></button></div></form>
	<?cs call:timeline(Data.events) ?>
	<?cs call:timeline_pager() ?>
</section>
</div>
</div>
<?cs call:page_end() ?>
