<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Pieces of pages; README.md says what each takes. ?>

<?cs # ---- small pieces ?>

<?cs def:icon(id) ?><svg class="icon" aria-hidden="true"><use href="<?cs var:Asset.icons_svg ?>#<?cs var:id ?>"></use></svg><?cs /def ?>

<?cs def:badge(kind, text) ?><span class="badge badge-<?cs var:kind ?>"><?cs var:text ?></span><?cs /def ?>

<?cs # What the law and the store make of a field: x.personal, x.encrypted, x.masked. ?>
<?cs def:marks(x) ?>
	<?cs if:x.personal || x.encrypted || x.masked ?><?cs set:Var.marks = 1 ?><?cs /if ?>
	<?cs if:x.personal ?><span class="mark mark-personal" title="<?cs var:T.badge.personal_hint ?>"><?cs call:icon("person") ?><span class="visually-hidden"><?cs var:T.badge.personal ?></span></span><?cs /if ?>
	<?cs if:x.encrypted ?><span class="mark mark-encrypted" title="<?cs var:T.badge.encrypted_hint ?>"><?cs call:icon("lock") ?><span class="visually-hidden"><?cs var:T.badge.encrypted ?></span></span><?cs /if ?>
	<?cs if:x.masked ?><span class="mark mark-masked" title="<?cs var:T.badge.masked_hint ?>"><?cs call:icon("masked") ?><span class="visually-hidden"><?cs var:T.badge.masked ?></span></span><?cs /if ?>
<?cs /def ?>

<?cs # Explains the marks, where there were any. ?>
<?cs def:marks_legend() ?><?cs if:Var.marks ?><p class="legend">
	<span><span class="mark mark-personal"><?cs call:icon("person") ?></span> <?cs var:T.badge.personal ?></span>
	<span><span class="mark mark-encrypted"><?cs call:icon("lock") ?></span> <?cs var:T.badge.encrypted ?></span>
	<span><span class="mark mark-masked"><?cs call:icon("masked") ?></span> <?cs var:T.badge.masked ?></span>
</p><?cs /if ?><?cs /def ?>

<?cs def:flash(kind, text) ?><div class="flash flash-<?cs var:kind ?>"<?cs if:kind == "danger" ?> role="alert"<?cs else ?> role="status"<?cs /if ?>><?cs call:icon(kind) ?><p><?cs var:text ?></p></div><?cs /def ?>

<?cs def:empty(id, title, text) ?><div class="empty"><?cs call:icon(id) ?><p class="empty-title"><?cs var:title ?></p><p><?cs var:text ?></p></div><?cs /def ?>

<?cs # Every form that POSTs. ?>
<?cs def:form_hidden() ?><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<?cs if:?Chrome.form ?><input type="hidden" name="_form" value="<?cs var:Chrome.form ?>"><?cs /if ?>
	<?cs if:?Page.version ?><input type="hidden" name="_version" value="<?cs var:Page.version ?>"><?cs /if ?>
<?cs /def ?>

<?cs # ---- heading of a page ?>

<?cs def:crumbs(list) ?>
	<?cs if:subcount(list) ?><nav class="crumbs" aria-label="<?cs var:T.chrome.crumbs ?>"><ol>
		<?cs each:c = list ?><li><a href="<?cs var:path(c.url) ?>"><?cs var:c.label ?></a><?cs call:icon("right") ?></li><?cs /each ?>
	</ol></nav><?cs /if ?>
<?cs /def ?>

<?cs # class: button or pop-item. What leads on (new, edit) is the page's first button. ?>
<?cs def:action(a, class) ?>
	<?cs if:a.post ?><form method="post" action="<?cs var:path(a.url) ?>"><?cs call:form_hidden() ?><button class="<?cs var:class ?><?cs if:?a.kind ?> button-<?cs var:a.kind ?><?cs /if ?>" type="submit"><?cs call:icon(a.key) ?><span><?cs var:a.label ?></span></button></form>
	<?cs else ?><a class="<?cs var:class ?><?cs if:?a.kind ?> button-<?cs var:a.kind ?><?cs elif:a.key == "new" || a.key == "edit" ?> button-primary<?cs /if ?>" href="<?cs var:path(a.url) ?>"<?cs if:a.key == "new" ?> data-key="n"<?cs /if ?>><?cs call:icon(a.key) ?><span><?cs var:a.label ?></span></a><?cs /if ?>
<?cs /def ?>

<?cs # Whether an action stands behind "More"; sets Var.more. ?>
<?cs def:is_rare(a) ?><?cs if:a.kind == "danger" || a.key == "archive" || a.key == "archived" || a.key == "merge" || a.key == "history" || a.key == "viewers" ?><?cs set:Var.more = 1 ?><?cs else ?><?cs set:Var.more = 0 ?><?cs /if ?><?cs /def ?>

<?cs def:actions(list) ?>
<?cs set:Var.rare = 0 ?>
<div class="actions">
	<?cs each:a = list ?><?cs call:is_rare(a) ?><?cs if:Var.more ?><?cs set:Var.rare = 1 ?><?cs else ?><?cs call:action(a, "button") ?><?cs /if ?><?cs /each ?>
	<?cs if:Var.rare ?><details class="pop"><summary class="button"><span><?cs var:T.common.more ?></span><?cs call:icon("down") ?></summary><div class="pop-box">
		<?cs each:a = list ?><?cs call:is_rare(a) ?><?cs if:Var.more ?><?cs call:action(a, "pop-item") ?><?cs /if ?><?cs /each ?>
	</div></details><?cs /if ?>
</div>
<?cs /def ?>

<?cs def:heading_text(title) ?><div class="heading-text">
	<h1><?cs var:title ?><?cs each:b = Page.badges ?> <?cs call:badge(b.kind, b.text) ?><?cs /each ?></h1>
	<?cs if:string.length(Page.subtitle) ?><p class="subtitle"><?cs var:Page.subtitle ?></p><?cs /if ?>
</div><?cs /def ?>

<?cs # Above a form: what can be done with the record is not offered while it is being changed. ?>
<?cs def:form_heading(title) ?>
<?cs call:crumbs(Page.crumbs) ?>
<div class="heading"><?cs call:heading_text(title) ?></div>
<?cs /def ?>

<?cs def:heading(title) ?>
<?cs call:crumbs(Page.crumbs) ?>
<div class="heading">
	<?cs call:heading_text(title) ?>
	<?cs if:subcount(Page.actions) ?><?cs call:actions(Page.actions) ?><?cs /if ?>
</div>
<?cs each:n = Page.notices ?><?cs call:flash(n.kind, n.text) ?><?cs /each ?>
<?cs /def ?>

<?cs def:tabs(list, label) ?>
	<?cs if:subcount(list) ?><nav class="tabs" aria-label="<?cs var:label ?>"><ul>
		<?cs each:t = list ?><li><a href="<?cs var:path(t.url) ?>"<?cs if:t.active ?> aria-current="page"<?cs /if ?>><?cs var:t.label ?><?cs if:?t.count ?> <span class="count"><?cs var:thousands(t.count) ?></span><?cs /if ?></a></li><?cs /each ?>
	</ul></nav><?cs /if ?>
<?cs /def ?>

<?cs # ---- fields of forms ?>

<?cs def:options(f) ?><?cs each:o = f.options ?><option value="<?cs var:o.value ?>"<?cs if:o.selected || o.value == f.value ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?><?cs /def ?>

<?cs # What the control's state adds to it. Var.error was set by field(). ?>
<?cs def:states(f) ?><?cs if:f.required ?> required<?cs /if ?><?cs if:f.readonly ?> readonly<?cs /if ?><?cs if:string.length(Var.error) ?> aria-invalid="true"<?cs /if ?><?cs if:string.length(Var.error) || string.length(f.hint) || f.masked ?> aria-describedby="<?cs var:f.name ?>-note"<?cs /if ?><?cs /def ?>

<?cs def:input(f, type, mode) ?><input class="input" type="<?cs var:type ?>" id="f-<?cs var:f.name ?>" name="<?cs var:f.name ?>" value="<?cs var:f.value ?>"<?cs if:string.length(mode) ?> inputmode="<?cs var:mode ?>"<?cs /if ?><?cs if:?f.max ?> maxlength="<?cs var:f.max ?>"<?cs /if ?><?cs if:f.masked ?> placeholder="<?cs var:f.mask ?>"<?cs /if ?><?cs if:?f.autocomplete ?> autocomplete="<?cs var:f.autocomplete ?>"<?cs elif:type != "password" ?> autocomplete="off"<?cs /if ?><?cs call:states(f) ?>><?cs /def ?>

<?cs def:choice_of(f) ?><select class="input" id="f-<?cs var:f.name ?>" name="<?cs var:f.name ?>"<?cs call:states(f) ?>>
	<?cs if:!f.required || !string.length(f.value) ?><option value=""><?cs var:T.common.choose ?></option><?cs /if ?>
	<?cs call:options(f) ?>
</select><?cs /def ?>

<?cs def:yes_no(f) ?><div class="segments" role="radiogroup" aria-labelledby="l-<?cs var:f.name ?>">
	<label><input type="radio" name="<?cs var:f.name ?>" value="false"<?cs if:f.value != "1" && f.value != "true" ?> checked<?cs /if ?>><span><?cs var:T.common.no ?></span></label>
	<label><input type="radio" name="<?cs var:f.name ?>" value="true"<?cs if:f.value == "1" || f.value == "true" ?> checked<?cs /if ?>><span><?cs var:T.common.yes ?></span></label>
</div><?cs /def ?>

<?cs def:checks(f) ?><div class="checks">
	<?cs each:o = f.options ?><label class="check"><input type="checkbox" name="<?cs var:f.name ?>" value="<?cs var:o.value ?>"<?cs if:o.selected ?> checked<?cs /if ?>> <span><?cs var:o.label ?></span></label><?cs /each ?>
</div><?cs /def ?>

<?cs def:control(f) ?>
	<?cs if:f.type == "static" ?><p class="static" id="f-<?cs var:f.name ?>"><?cs var:f.value ?></p>
	<?cs elif:f.type == "long_text" ?><textarea class="input" id="f-<?cs var:f.name ?>" name="<?cs var:f.name ?>" rows="<?cs if:?f.rows ?><?cs var:f.rows ?><?cs else ?>4<?cs /if ?>"<?cs if:?f.max ?> maxlength="<?cs var:f.max ?>"<?cs /if ?><?cs call:states(f) ?>>
<?cs var:f.value ?></textarea>
	<?cs elif:f.type == "boolean" ?><?cs call:yes_no(f) ?>
	<?cs elif:f.type == "checks" ?><?cs call:checks(f) ?>
	<?cs elif:subcount(f.options) ?><?cs call:choice_of(f) ?>
	<?cs elif:f.type == "user" || f.type == "team" || f.type == "company" || f.type == "contact" ?><input type="hidden" name="<?cs var:f.name ?>" value="<?cs var:f.value ?>"><p class="static" id="f-<?cs var:f.name ?>"><?cs if:string.length(f.text) ?><?cs var:f.text ?><?cs else ?><?cs var:T.common.none ?><?cs /if ?></p>
	<?cs elif:f.type == "money" ?><div class="affix"><span><?cs if:?f.currency ?><?cs var:f.currency ?><?cs else ?>HKD<?cs /if ?></span><?cs call:input(f, "text", "decimal") ?></div>
	<?cs elif:f.type == "number" ?><?cs call:input(f, "text", "decimal") ?>
	<?cs elif:f.type == "date" ?><?cs call:input(f, "date", "") ?>
	<?cs elif:f.type == "time" ?><?cs call:input(f, "datetime-local", "") ?>
	<?cs elif:f.type == "email" ?><?cs call:input(f, "email", "email") ?>
	<?cs elif:f.type == "phone" ?><?cs call:input(f, "tel", "tel") ?>
	<?cs elif:f.type == "url" ?><?cs call:input(f, "text", "url") ?>
	<?cs elif:f.type == "password" ?><?cs call:input(f, "password", "") ?>
	<?cs elif:f.type == "file" ?><input class="input" type="file" id="f-<?cs var:f.name ?>" name="<?cs var:f.name ?>"<?cs call:states(f) ?>>
	<?cs else ?><?cs call:input(f, "text", "") ?><?cs /if ?>
<?cs /def ?>

<?cs # Label, control, hint, error, doubt. ?>
<?cs def:field(f) ?>
<?cs if:f.type == "hidden" ?><input type="hidden" name="<?cs var:f.name ?>" value="<?cs var:f.value ?>"><?cs else ?>
<?cs set:Var.error = f.error ?><?cs if:!string.length(Var.error) ?><?cs set:Var.error = Page.errors[f.name] ?><?cs /if ?>
<div class="field field-<?cs var:f.type ?><?cs if:f.wide || f.type == "long_text" ?> wide<?cs /if ?><?cs if:string.length(Var.error) ?> wrong<?cs /if ?>">
	<?cs if:f.type == "boolean" || f.type == "checks" || f.type == "static" ?><span class="label" id="l-<?cs var:f.name ?>"><?cs var:f.label ?><?cs call:marks(f) ?></span>
	<?cs else ?><label class="label" for="f-<?cs var:f.name ?>"><?cs var:f.label ?><?cs if:f.required ?> <span class="required"><?cs var:T.common.required ?></span><?cs /if ?><?cs call:marks(f) ?></label><?cs /if ?>
	<?cs call:control(f) ?>
	<?cs if:string.length(Var.error) || string.length(f.hint) || f.masked || f.type == "tags" || f.type == "file" ?><div class="note" id="<?cs var:f.name ?>-note">
		<?cs if:string.length(Var.error) ?><p class="error"><?cs call:icon("danger") ?> <?cs var:Var.error ?></p><?cs /if ?>
		<?cs if:f.masked ?><p><?cs var:fill(T.form.masked_keep, f.mask) ?></p><label class="check"><input type="checkbox" name="_clear" value="<?cs var:f.name ?>"> <span><?cs var:T.form.masked_clear ?></span></label><?cs /if ?>
		<?cs if:string.length(f.hint) ?><p><?cs var:f.hint ?></p><?cs elif:f.type == "tags" ?><p><?cs var:T.form.tags_hint ?></p><?cs elif:f.type == "file" ?><p><?cs var:T.form.file_limit ?></p><?cs /if ?>
	</div><?cs /if ?>
	<?cs if:string.length(f.warning) ?><div class="doubt"><p><?cs call:icon("warning") ?> <?cs var:f.warning ?></p><label class="check"><input type="checkbox" name="_confirm" value="<?cs var:f.name ?>"> <span><?cs var:T.form.confirm_value ?></span></label></div><?cs /if ?>
</div>
<?cs /if ?>
<?cs /def ?>

<?cs def:fields(list) ?><?cs each:f = list ?><?cs call:field(f) ?><?cs /each ?><?cs /def ?>

<?cs # A field of a form written by hand. After a refusal it holds what was typed (Page.typed). ?>
<?cs def:plain_field(name, label, type, value, hint, required) ?>
<?cs set:Var.f.name = name ?><?cs set:Var.f.label = label ?><?cs set:Var.f.type = type ?><?cs set:Var.f.hint = hint ?><?cs set:Var.f.required = required ?>
<?cs if:subcount(Page.typed) ?><?cs set:Var.f.value = Page.typed[name] ?><?cs else ?><?cs set:Var.f.value = value ?><?cs /if ?>
<?cs call:field(Var.f) ?>
<?cs /def ?>

<?cs # A password of a form written by hand: never shown again. ?>
<?cs def:password_field(name, label, autocomplete, hint, max) ?>
<?cs set:Var.p.name = name ?><?cs set:Var.p.label = label ?><?cs set:Var.p.type = "password" ?><?cs set:Var.p.autocomplete = autocomplete ?><?cs set:Var.p.hint = hint ?><?cs set:Var.p.max = max ?><?cs set:Var.p.required = 1 ?>
<?cs call:field(Var.p) ?>
<?cs /def ?>

<?cs # What somebody else saved meanwhile: Page.conflict of a form shown again. ?>
<?cs def:conflict() ?><?cs if:subcount(Page.conflict.fields) ?>
<section class="card conflict" role="alert">
	<h2 class="card-title"><?cs call:icon("warning") ?><?cs var:T.form.conflict ?></h2>
	<p><?cs var:fill(T.form.conflict_by, Page.conflict.who) ?> <span class="quiet"><?cs var:Page.conflict.when ?></span></p>
	<div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.form.conflict ?>"><table class="table">
		<thead><tr><th scope="col"><?cs var:T.form.conflict_field ?></th><th scope="col"><?cs var:T.form.conflict_theirs ?></th><th scope="col"><?cs var:T.form.conflict_yours ?></th></tr></thead>
		<tbody><?cs each:x = Page.conflict.fields ?><tr><th scope="row"><?cs var:x.label ?></th><td data-label="<?cs var:T.form.conflict_theirs ?>"><strong><?cs var:x.theirs ?></strong></td><td data-label="<?cs var:T.form.conflict_yours ?>"><?cs var:x.yours ?></td></tr><?cs /each ?></tbody>
	</table></div>
</section>
<?cs /if ?><?cs /def ?>

<?cs def:form_error() ?><?cs if:string.length(Page.error) ?><div class="flash flash-danger" role="alert" tabindex="-1" id="form-error"><?cs call:icon("danger") ?><p><?cs var:Page.error ?></p></div><?cs /if ?><?cs /def ?>

<?cs # submit: "" for Save. ?>
<?cs def:form_actions(submit, cancel_url) ?><div class="form-actions">
	<button class="button button-primary" type="submit"><?cs if:string.length(submit) ?><?cs var:submit ?><?cs else ?><?cs var:T.common.save ?><?cs /if ?></button>
	<?cs if:string.length(cancel_url) ?><a class="button button-quiet" href="<?cs var:path(cancel_url) ?>"><?cs var:T.common.cancel ?></a><?cs /if ?>
</div><?cs /def ?>

<?cs # ---- lists ?>

<?cs def:tags(list) ?><span class="tags"><?cs each:t = list ?><span class="tag"><?cs var:t ?></span> <?cs /each ?></span><?cs /def ?>

<?cs # The value of a cell or a field: text, url, badge, tags, masked; kind: type of the field. ?>
<?cs def:value(c, kind) ?>
	<?cs if:subcount(c.tags) ?><?cs call:tags(c.tags) ?>
	<?cs elif:!string.length(c.text) ?><span class="none" title="<?cs var:T.common.empty_value ?>">–</span>
	<?cs elif:?c.badge ?><?cs call:badge(c.badge, c.text) ?>
	<?cs elif:c.masked ?><span class="masked-value"><?cs var:c.text ?></span>
	<?cs elif:kind == "url" ?><a href="<?cs var:weburl(c.url) ?>" rel="noreferrer noopener" target="_blank"><?cs var:c.text ?></a>
	<?cs elif:?c.url ?><a href="<?cs var:path(c.url) ?>"><?cs var:c.text ?></a>
	<?cs elif:kind == "email" ?><a href="mailto:<?cs var:c.text ?>"><?cs var:c.text ?></a>
	<?cs elif:kind == "phone" ?><a href="tel:<?cs var:dial(c.text) ?>"><?cs var:c.text ?></a>
	<?cs else ?><?cs var:c.text ?><?cs /if ?>
<?cs /def ?>

<?cs def:column(c) ?><th scope="col"<?cs if:?c.align ?> class="<?cs var:c.align ?>"<?cs /if ?><?cs if:c.sorted == "asc" ?> aria-sort="ascending"<?cs elif:c.sorted == "desc" ?> aria-sort="descending"<?cs /if ?>>
	<?cs if:?c.sort_url ?><a href="<?cs var:path(c.sort_url) ?>" title="<?cs var:fill(T.list.sort_by, c.label) ?>"><?cs var:c.label ?><?cs if:string.length(c.sorted) ?><?cs call:icon(c.sorted) ?><?cs /if ?></a><?cs else ?><?cs var:c.label ?><?cs /if ?><?cs call:marks(c) ?></th><?cs /def ?>

<?cs # The busiest lines of all, every cell of every list. view/ has prepared the cells: c.column is
     the cell's column, its value the alignment; c.link the record's address, of the first cell; a
     cell that is plain text is its own value. ?>
<?cs def:row(r) ?><tr<?cs if:r.muted ?> class="muted"<?cs /if ?>>
<?cs each:c = r.cells ?><td<?cs if:?c.column ?> class="<?cs var:c.column ?>"<?cs /if ?> data-label="<?cs var:c.column.label ?>"><?cs if:?c ?><?cs var:c ?><?cs elif:?c.link ?><a class="row-link" href="<?cs var:path(c.link) ?>"><?cs var:c.text ?></a><?cs elif:?c.badge ?><span class="badge badge-<?cs var:c.badge ?>"><?cs var:c.text ?></span><?cs elif:?c.tags.0 ?><?cs call:tags(c.tags) ?><?cs elif:c.masked ?><span class="masked-value"><?cs var:c.text ?></span><?cs elif:?c.url && c.kind != "url" ?><a href="<?cs var:path(c.url) ?>"><?cs var:c.text ?></a><?cs else ?><?cs var:c.text ?><?cs /if ?></td>
<?cs /each ?></tr>
<?cs /def ?>

<?cs # Rows are cards on narrow screens: each cell then shows its column's label. ?>
<?cs def:table(columns, rows) ?><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:Page.title ?>"><table class="table">
<thead><tr><?cs each:c = columns ?><?cs call:column(c) ?><?cs /each ?></tr></thead>
<tbody>
<?cs each:r = rows ?><?cs call:row(r) ?><?cs /each ?></tbody>
</table></div><?cs /def ?>

<?cs def:pager() ?>
<?cs if:?Page.pager.first_url || ?Page.pager.next_url ?><nav class="pager" aria-label="<?cs var:T.list.pages ?>">
	<?cs if:?Page.pager.first_url ?><a class="button" href="<?cs var:path(Page.pager.first_url) ?>"><?cs call:icon("first") ?><span><?cs var:T.list.first ?></span></a><?cs else ?><span></span><?cs /if ?>
	<?cs if:?Page.pager.next_url ?><a class="button" rel="next" href="<?cs var:path(Page.pager.next_url) ?>"><span><?cs var:T.list.next ?></span><?cs call:icon("right") ?></a><?cs /if ?>
</nav><?cs /if ?>
<?cs /def ?>

<?cs # ---- records ?>

<?cs # "Show" and "Verify" of a masked field: forms inside a disclosure, no script needed. ?>
<?cs def:reveal(f) ?>
	<?cs if:f.revealable && ?Page.reveal.url ?><details class="inline-form"><summary><?cs call:icon("eye") ?><?cs var:T.record.reveal ?><span class="visually-hidden"> <?cs var:f.label ?></span></summary>
		<form method="post" action="<?cs var:path(Page.reveal.url) ?>"><?cs call:form_hidden() ?><input type="hidden" name="fields" value="<?cs var:f.name ?>">
			<label class="label" for="reason-<?cs var:f.name ?>"><?cs var:T.record.reveal_reason ?></label>
			<select class="input" id="reason-<?cs var:f.name ?>" name="reason" required><option value=""><?cs var:T.common.choose ?></option><?cs each:r = Page.reveal.reasons ?><option value="<?cs var:r.value ?>"><?cs var:r.label ?></option><?cs /each ?></select>
			<p class="note"><?cs var:T.record.reveal_logged ?></p>
			<button class="button button-small" type="submit"><?cs var:T.record.reveal ?></button>
		</form></details><?cs /if ?>
	<?cs if:f.verifiable && ?Page.verify.url ?><details class="inline-form"><summary><?cs call:icon("verify") ?><?cs var:T.record.verify ?><span class="visually-hidden"> <?cs var:f.label ?></span></summary>
		<form method="post" action="<?cs var:path(Page.verify.url) ?>"><?cs call:form_hidden() ?><input type="hidden" name="field" value="<?cs var:f.name ?>">
			<label class="label" for="verify-<?cs var:f.name ?>"><?cs var:T.record.verify_value ?></label>
			<input class="input" id="verify-<?cs var:f.name ?>" name="value" required autocomplete="off" maxlength="200">
			<p class="note"><?cs var:T.record.verify_help ?></p>
			<button class="button button-small" type="submit"><?cs var:T.record.verify ?></button>
		</form></details><?cs /if ?>
<?cs /def ?>

<?cs def:definitions(list) ?><dl class="definitions">
<?cs each:f = list ?><dt<?cs if:f.type == "long_text" ?> class="wide"<?cs /if ?>><?cs var:f.label ?><?cs call:marks(f) ?></dt>
<dd<?cs if:f.type == "long_text" ?> class="wide lines"<?cs /if ?>><?cs call:value(f, f.type) ?>
	<?cs if:string.length(f.revealed) ?> <span class="revealed"><?cs call:icon("clock") ?><?cs var:f.revealed ?></span><?cs /if ?>
	<?cs if:string.length(f.hint) ?><p class="note"><?cs var:f.hint ?></p><?cs /if ?>
	<?cs call:reveal(f) ?></dd>
<?cs /each ?></dl><?cs /def ?>

<?cs def:changes(list) ?><ul class="changes">
	<?cs each:c = list ?><li><span class="quiet"><?cs var:c.label ?></span> <del><span class="visually-hidden"><?cs var:T.record.before ?> </span><?cs if:string.length(c.before) ?><?cs var:c.before ?><?cs else ?>–<?cs /if ?></del> → <ins><span class="visually-hidden"><?cs var:T.record.after ?> </span><?cs if:string.length(c.after) ?><?cs var:c.after ?><?cs else ?>–<?cs /if ?></ins></li><?cs /each ?>
</ul><?cs /def ?>

<?cs def:timeline_item(e) ?><li class="event event-<?cs var:e.kind ?>">
	<span class="event-icon" title="<?cs var:T.kind[e.kind] ?>"><?cs call:icon(e.kind) ?><span class="visually-hidden"><?cs var:T.kind[e.kind] ?></span></span>
	<div class="event-body">
		<p class="event-head"><span class="event-title"><?cs if:?e.url ?><a href="<?cs var:path(e.url) ?>"><?cs if:string.length(e.title) ?><?cs var:e.title ?><?cs else ?><?cs var:T.kind[e.kind] ?><?cs /if ?></a><?cs else ?><?cs var:e.title ?><?cs /if ?></span>
			<?cs each:b = e.badges ?> <?cs call:badge(b.kind, b.text) ?><?cs /each ?>
			<?cs if:e.unproven ?> <?cs call:badge("warning", T.badge.unproven) ?><?cs /if ?>
			<?cs if:e.private ?> <span class="badge badge-private"><?cs call:icon("lock") ?><?cs var:T.badge.private ?></span><?cs /if ?></p>
		<p class="event-meta"><time datetime="<?cs var:e.at ?>"><?cs var:e.when ?></time><?cs if:string.length(e.who) ?> <span><?cs var:fill(T.record.by, e.who) ?></span><?cs /if ?><?cs if:string.length(e.channel) ?> <span><?cs var:e.channel ?></span><?cs /if ?></p>
		<?cs if:string.length(e.text) ?><div class="event-text"><?cs var:e.text ?></div><?cs /if ?>
		<?cs if:string.length(e.note) ?><div class="event-text"><?cs call:badge("warning", T.notice.opinion_note) ?> <?cs var:e.note ?></div><?cs /if ?>
		<?cs if:subcount(e.changes) ?><?cs call:changes(e.changes) ?><?cs /if ?>
		<?cs if:subcount(e.files) ?><ul class="files"><?cs each:x = e.files ?><li><a href="<?cs var:path(x.url) ?>"><?cs call:icon("file") ?><?cs var:x.name ?></a> <span class="quiet"><?cs var:x.size ?></span></li><?cs /each ?></ul><?cs /if ?>
	</div>
</li><?cs /def ?>

<?cs def:timeline(list) ?><ol class="timeline"><?cs each:e = list ?><?cs call:timeline_item(e) ?><?cs /each ?></ol><?cs /def ?>

<?cs # To older entries, and back to the newest. ?>
<?cs def:timeline_pager() ?><?cs if:?Page.timeline_newest || ?Page.timeline_more ?><nav class="pager" aria-label="<?cs var:T.record.timeline_pages ?>">
	<?cs if:?Page.timeline_newest ?><a class="button" href="<?cs var:path(Page.timeline_newest) ?>"><?cs call:icon("first") ?><span><?cs var:T.record.newest ?></span></a><?cs else ?><span></span><?cs /if ?>
	<?cs if:?Page.timeline_more ?><a class="button" rel="next" href="<?cs var:path(Page.timeline_more) ?>"><span><?cs var:T.record.older ?></span><?cs call:icon("right") ?></a><?cs /if ?>
</nav><?cs /if ?><?cs /def ?>

<?cs def:panel(p) ?><section class="card panel" aria-labelledby="p-<?cs var:p.key ?>">
	<div class="card-head"><h2 id="p-<?cs var:p.key ?>"><?cs if:?p.url ?><a href="<?cs var:path(p.url) ?>"><?cs var:p.label ?></a><?cs else ?><?cs var:p.label ?><?cs /if ?><?cs if:?p.count ?> <span class="count"><?cs var:thousands(p.count) ?></span><?cs /if ?></h2>
		<?cs if:?p.add_url ?><a class="button button-small" href="<?cs var:path(p.add_url) ?>"><?cs call:icon("new") ?><span><?cs var:T.common.add ?></span></a><?cs /if ?></div>
	<?cs if:subcount(p.rows) ?><ul class="panel-rows"><?cs each:r = p.rows ?><li>
		<div><?cs if:?r.url ?><a href="<?cs var:path(r.url) ?>"><?cs var:r.title ?></a><?cs else ?><?cs var:r.title ?><?cs /if ?><?cs if:?r.badge ?> <?cs call:badge(r.badge, r.badge_text) ?><?cs /if ?><?cs if:string.length(r.text) ?><p class="quiet"><?cs var:r.text ?></p><?cs /if ?></div>
		<?cs if:string.length(r.meta) ?><span class="meta"><?cs var:r.meta ?></span><?cs /if ?></li><?cs /each ?></ul>
	<?cs else ?><p class="panel-empty"><?cs if:string.length(p.empty) ?><?cs var:p.empty ?><?cs else ?><?cs var:T.list.empty ?><?cs /if ?></p><?cs /if ?>
</section><?cs /def ?>

<?cs # ---- work that takes time ?>

<?cs def:progress(done, total, label) ?><div class="progress"><progress max="<?cs var:total ?>" value="<?cs var:done ?>" aria-label="<?cs var:label ?>"></progress><p><span data-done><?cs var:thousands(done) ?></span> <?cs var:fill(T.job.of, thousands(total)) ?></p></div><?cs /def ?>

<?cs # The steps of an import; at: the one we are in, from 1. ?>
<?cs def:step(n, at, label) ?><li class="step-<?cs if:#n < #at ?>done<?cs elif:#n == #at ?>current<?cs else ?>todo<?cs /if ?>"<?cs if:#n == #at ?> aria-current="step"<?cs /if ?>><?cs var:label ?></li><?cs /def ?>
<?cs def:import_steps(at) ?><ol class="steps"><?cs call:step(1, at, T.import.step_file) ?><?cs call:step(2, at, T.import.step_map) ?><?cs call:step(3, at, T.import.step_run) ?><?cs call:step(4, at, T.import.step_result) ?></ol><?cs /def ?>

<?cs # ---- the way in ?>

<?cs # Page.recovery_codes: shown this once. ?>
<?cs def:recovery_codes() ?><?cs if:subcount(Page.recovery_codes) ?><section class="card secret" role="status" aria-labelledby="codes">
	<h2 class="card-title" id="codes"><?cs var:T.two_step.codes ?></h2>
	<p><?cs var:T.two_step.codes_once ?></p>
	<ul class="codes mono"><?cs each:c = Page.recovery_codes ?><li><?cs var:c ?></li><?cs /each ?></ul>
	<div class="form-actions"><a class="button button-primary" href="/"><?cs var:T.two_step.kept ?></a></div>
</section><?cs /if ?><?cs /def ?>

<?cs # static/passkey.js shows a form with data-passkey, fills in its parts and says what went wrong. ?>
<?cs def:passkey_part(prefix, part) ?><input type="hidden" name="<?cs var:prefix ?><?cs var:part ?>" data-part="<?cs var:part ?>"><?cs /def ?>
<?cs def:passkey_error(which, text) ?><div class="note" role="alert" data-error="<?cs var:which ?>" hidden><p class="error"><?cs call:icon("danger") ?> <?cs var:text ?></p></div><?cs /def ?>
<?cs def:passkey_errors() ?><?cs call:passkey_error("failed", T.passkeys.failed) ?><?cs call:passkey_error("known", T.passkeys.known) ?><?cs /def ?>
<?cs def:passkey_parts(prefix) ?><?cs call:passkey_part(prefix, "credential") ?><?cs call:passkey_part(prefix, "client_data") ?><?cs call:passkey_part(prefix, "authenticator_data") ?><?cs call:passkey_part(prefix, "signature") ?><?cs call:passkey_part(prefix, "user_handle") ?><?cs /def ?>
<?cs def:passkey_button(label, class) ?><?cs call:passkey_errors() ?><div class="form-actions"><button class="button <?cs var:class ?>" type="submit"><?cs call:icon("lock") ?><span><?cs var:label ?></span></button></div><?cs /def ?>
<?cs def:passkey_sign_in(ticket) ?><form method="post" action="/login/passkey" data-passkey="get" data-challenge="/api/v1/session/passkey/challenge" data-ticket="<?cs var:ticket ?>" hidden>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<?cs call:passkey_parts("") ?>
	<?cs call:passkey_button(T.login.passkey, "button-wide") ?>
</form><?cs /def ?>
<?cs def:passkey_script() ?><script src="<?cs var:Asset.passkey_js ?>" defer></script><?cs /def ?>

<?cs # ---- mails: Data.workspace, Data.name of the reader ?>

<?cs def:mail_begin() ?><!DOCTYPE html>
<html lang="<?cs var:Lang.html ?>">
<head><meta charset="utf-8"><title><?cs var:Data.workspace ?></title></head>
<body>
<?cs if:string.length(Data.name) ?><p><?cs var:fill(T.mail.hello, Data.name) ?></p><?cs /if ?>
<?cs /def ?>

<?cs # What a letter or mail about an incident says. ?>
<?cs def:breach_text() ?>
<p><?cs var:fill(T.breach.when, Data.began) ?> <?cs var:fill(T.breach.aware, Data.aware) ?></p>
<h2><?cs var:T.breach.about ?></h2>
<p><?cs var:Data.about ?></p>
<?cs if:subcount(Data.kinds) ?><h2><?cs var:T.breach.kinds ?></h2>
<ul><?cs each:k = Data.kinds ?><li><?cs var:k ?></li><?cs /each ?></ul><?cs /if ?>
<h2><?cs var:T.breach.advice ?></h2>
<p><?cs var:Data.advice ?></p>
<h2><?cs var:T.breach.enquiries ?></h2>
<p><?cs var:Data.enquiries ?></p>
<p><?cs if:Data.pcpd ?><?cs var:T.breach.pcpd ?> <?cs /if ?><?cs var:T.breach.complain ?></p>
<?cs /def ?>

<?cs # An address to open, written out: some readers show only the text. ?>
<?cs def:mail_link(url) ?><p><a href="<?cs var:weburl(url) ?>"><?cs var:url ?></a></p><?cs /def ?>

<?cs def:mail_end() ?>
<p><?cs if:string.length(Data.workspace) ?><?cs var:fill(T.mail.foot, Data.workspace) ?><?cs else ?><?cs var:T.mail.foot_own ?><?cs /if ?></p>
</body>
</html>
<?cs /def ?>

<?cs # ---- an event of the log ?>
<?cs def:audit_fact(label, text) ?><?cs if:string.length(text) ?><div><dt><?cs var:label ?></dt><dd><?cs var:text ?></dd></div><?cs /if ?><?cs /def ?>
<?cs def:audit_facts(e) ?>	<?cs if:subcount(e.changes) ?><?cs call:changes(e.changes) ?><?cs /if ?>
	<dl class="facts facts-small">
		<?cs if:subcount(e.field_labels) ?><div><dt><?cs var:T.audit.fields ?></dt><dd><?cs each:f = e.field_labels ?><?cs var:f ?><?cs if:!last(f) ?><?cs var:T.common.separator ?> <?cs /if ?><?cs /each ?></dd></div><?cs /if ?>
		<?cs if:subcount(e.records) ?><div><dt><?cs var:T.audit.records ?></dt><dd><?cs each:x = e.records ?><?cs if:?x.url ?><a href="<?cs var:path(x.url) ?>"><?cs var:x.id ?></a><?cs else ?><?cs var:x.id ?><?cs /if ?> <?cs /each ?><?cs if:?e.more_records ?><span class="quiet"><?cs var:fill(T.audit.more_records, thousands(e.more_records)) ?></span><?cs /if ?></dd></div><?cs /if ?>
		<?cs if:#e.count > #1 ?><?cs call:audit_fact(T.audit.count, thousands(e.count)) ?><?cs /if ?>
		<?cs call:audit_fact(T.audit.via, e.via_label) ?>
		<?cs call:audit_fact(T.audit.for_whom, e.for_whom) ?>
		<?cs call:audit_fact(T.audit.seen_as, e.as_user_name) ?>
		<?cs if:?e.support_grant ?><div><dt><?cs var:T.support.grant ?></dt><dd><a href="/settings/support/<?cs var:e.support_grant ?>"><?cs var:e.support_grant ?></a></dd></div><?cs /if ?>
		<?cs call:audit_fact(T.audit.session, e.session) ?>
		<?cs call:audit_fact(T.audit.route, e.route) ?>
		<?cs call:audit_fact(T.audit.request, e.request_id) ?>
	</dl><?cs /def ?>
