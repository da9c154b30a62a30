<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The copy of a case: Data.items with their texts in pieces (parts.N.text mark state label), to be looked
     through, many at a time; Page.grounds on which a record is withheld. ?>
<?cs def:copy_part(p) ?><?cs if:?p.mark && p.consent ?><mark class="redact redact-rejected" title="<?cs var:T.copy.consented ?>"><?cs var:p.text ?></mark><?cs elif:?p.mark ?><mark class="redact redact-<?cs var:p.state ?>" title="<?cs var:p.label ?>"><?cs var:p.text ?></mark><?cs if:p.state != "rejected" ?><span class="redact-label"><?cs var:p.label ?></span><?cs /if ?><?cs if:Page.open ?><label class="redact-keep"><input type="checkbox" name="keep" value="<?cs var:p.mark ?>"<?cs if:?p.keep ?><?cs if:p.keep ?> checked<?cs /if ?><?cs elif:p.state == "rejected" ?> checked<?cs /if ?>> <span><?cs var:T.copy.keep ?></span></label><?cs /if ?><?cs else ?><?cs var:p.text ?><?cs /if ?><?cs /def ?>
<?cs def:copy_ground(r) ?><label class="label" for="ground-<?cs var:r.id ?>"><?cs var:T.copy.withhold ?></label><select class="input" id="ground-<?cs var:r.id ?>" name="ground[<?cs var:r.id ?>]"><option value=""><?cs var:T.copy.withhold_no ?></option><?cs each:g = Page.grounds ?><option value="<?cs var:g.value ?>"<?cs if:g.value == r.ground ?> selected<?cs /if ?>><?cs var:g.label ?></option><?cs /each ?></select><?cs /def ?>
<?cs def:copy_person(p) ?><details class="fold"<?cs if:string.length(p.consent) ?> open<?cs /if ?>><summary><?cs var:p.label ?><?cs if:string.length(p.who) ?> · <?cs var:p.who ?><?cs /if ?> <span class="quiet"><?cs var:fill(T.copy.marks, thousands(p.marks)) ?></span><?cs if:string.length(p.consent) ?> <?cs call:badge("info", T.copy.consented) ?><?cs /if ?></summary>
	<?cs if:Page.open ?><form class="form-row" method="post" action="/privacy/requests/<?cs var:Page.id ?>/copy/consent"><?cs call:form_hidden() ?><input type="hidden" name="person" value="<?cs var:p.id ?>"><div class="field"><label class="label" for="consent-<?cs var:p.id ?>"><?cs var:T.copy.consent ?></label><input class="input" id="consent-<?cs var:p.id ?>" name="reference" maxlength="400" autocomplete="off" value="<?cs var:p.consent ?>"></div><div class="form-actions"><button class="button button-small" type="submit"><?cs var:T.copy.consent_save ?></button></div></form>
	<?cs elif:string.length(p.consent) ?><p><?cs var:p.consent ?></p><?cs /if ?></details><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:string.length(Page.copy_error) ?><?cs call:flash("danger", Page.copy_error) ?><?cs /if ?>
<?cs if:Page.running ?><?cs call:flash("info", T.copy.running) ?><p><a class="button" href="<?cs var:path(Page.job_url) ?>"><?cs var:T.copy.progress ?></a></p><?cs /if ?>
<?cs if:!Data.copied && !Page.running ?><section class="card"><p><?cs var:T.copy.none ?></p>
	<?cs if:Page.open && Page.people ?><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/copy"><?cs call:form_hidden() ?><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.copy.make ?></button></div></form>
	<?cs else ?><p class="quiet"><?cs var:T.error.copy_nobody ?></p><?cs /if ?></section><?cs /if ?>
<?cs if:Data.copied ?>
<section class="card" aria-labelledby="state"><h2 class="card-title" id="state"><?cs var:T.copy.state ?></h2>
	<p><?cs var:fill(T.copy.records, thousands(Data.total)) ?> · <?cs var:fill(T.copy.still_open, thousands(Data.open)) ?> · <?cs var:fill(T.copy.pending, thousands(Data.pending)) ?><?cs if:Data.withheld ?> · <?cs var:fill(T.copy.withheld, thousands(Data.withheld)) ?><?cs /if ?></p>
	<div class="actions">
	<?cs if:Page.open ?><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/copy/rest"><?cs call:form_hidden() ?>
		<?cs if:Data.unmarked ?><button class="button button-small" name="what" value="unmarked"><?cs var:fill(T.copy.rest_unmarked, thousands(Data.unmarked)) ?></button><?cs /if ?>
		<?cs if:Data.open ?> <button class="button button-small" name="what" value="marked"><?cs var:T.copy.rest_marked ?></button><?cs /if ?></form>
	<form method="post" action="/privacy/requests/<?cs var:Page.id ?>/copy"><?cs call:form_hidden() ?><button class="button button-small button-quiet" type="submit"><?cs var:T.copy.again ?></button></form><?cs /if ?>
	
	<?cs if:string.length(Page.package_url) ?><a class="button" href="<?cs var:path(Page.package_url) ?>"><?cs call:icon("export") ?><span><?cs var:T.copy.fetch ?></span></a><?cs /if ?></div>
	<?cs if:Page.open && !Data.open ?><p class="note"><?cs var:T.copy.approve_next ?></p><?cs /if ?>
	<?cs if:Page.may_pack ?><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/package"><?cs call:form_hidden() ?><div class="form-grid"><?cs call:fields(Page.pack) ?></div><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.copy.pack ?></button></div></form><?cs /if ?>
</section>
<?cs if:subcount(Data.people) ?><section class="card" aria-labelledby="people"><h2 class="card-title" id="people"><?cs var:T.copy.people ?></h2>
	<p class="note"><?cs var:T.copy.people_help ?></p>
	<?cs each:p = Data.people ?><?cs call:copy_person(p) ?><?cs /each ?>
</section><?cs /if ?>
<?cs call:tabs(Page.views, T.copy.state) ?>
<?cs if:subcount(Data.items) ?><form method="post" action="/privacy/requests/<?cs var:Page.id ?>/copy/review"><?cs call:form_hidden() ?>
<?cs each:r = Data.items ?><section class="card" aria-labelledby="r-<?cs var:r.id ?>"><input type="hidden" name="records" value="<?cs var:r.id ?>">
	<h2 class="card-title" id="r-<?cs var:r.id ?>"><?cs var:r.title ?><?cs if:!r.own ?> <?cs call:badge("warning", T.copy.of_others) ?><?cs /if ?><?cs if:r.reviewed ?> <?cs call:badge("success", T.copy.reviewed) ?><?cs /if ?></h2>
	<dl class="definitions"><?cs each:f = r.fields ?><dt><?cs var:f.label ?></dt><dd class="lines"><?cs each:p = f.parts ?><?cs call:copy_part(p) ?><?cs /each ?></dd><?cs /each ?></dl>
	<?cs if:r.taken_down ?><p class="note"><?cs var:T.copy.taken_down ?></p><?cs /if ?><?cs each:x = r.changed ?><p class="note"><?cs var:fill(T.copy.changed, x.label) ?></p><?cs /each ?>
	<?cs if:Page.open && !r.taken_down ?><div class="form-grid"><div class="field"><label class="label" for="add-<?cs var:r.id ?>"><?cs var:T.copy.add ?></label><input class="input" id="add-<?cs var:r.id ?>" name="add[<?cs var:r.id ?>]" maxlength="200" autocomplete="off"<?cs if:string.length(r.add) ?> value="<?cs var:r.add ?>"<?cs /if ?><?cs if:Page.wrong[r.id] ?> aria-invalid="true" aria-describedby="add-<?cs var:r.id ?>-note"<?cs /if ?>><?cs if:Page.wrong[r.id] ?><p class="error" id="add-<?cs var:r.id ?>-note"><?cs call:icon("danger") ?> <?cs var:Page.errors.add ?></p><?cs /if ?></div><div class="field"><?cs call:copy_ground(r) ?></div></div><?cs /if ?>
</section><?cs /each ?>
<?cs if:Page.open ?><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.copy.decide ?></button><?cs if:string.length(Page.next_url) ?> <a class="button button-quiet" href="<?cs var:path(Page.next_url) ?>"><?cs var:T.list.next ?></a><?cs /if ?></div>
<?cs elif:string.length(Page.next_url) ?><p><a class="button" href="<?cs var:path(Page.next_url) ?>"><?cs var:T.list.next ?></a></p><?cs /if ?>
</form><?cs else ?><div class="card"><?cs call:empty("privacy", T.copy.all_reviewed, T.copy.all_reviewed_help) ?></div><?cs /if ?>
<?cs /if ?>
<?cs call:page_end() ?>
