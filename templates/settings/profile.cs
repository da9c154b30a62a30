<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One profile: rights by kind of record, special rights, levels by field. Page.readonly: to look at only. ?>
<?cs def:line_error(x) ?><?cs if:string.length(x.error) ?><p class="error" id="<?cs var:x.id ?>-note"><?cs call:icon("danger") ?> <?cs var:x.error ?></p><?cs /if ?><?cs /def ?>
<?cs # A select that offers the words up to the line's own max. ?>
<?cs def:words(x, list, label) ?><select class="input input-small" id="<?cs var:x.id ?>" name="<?cs var:x.name ?>" aria-label="<?cs var:label ?>"<?cs if:string.length(x.error) ?> aria-invalid="true" aria-describedby="<?cs var:x.id ?>-note"<?cs /if ?>><?cs each:o = list ?><?cs if:#o.rank <= #x.max ?><option value="<?cs var:o.value ?>"<?cs if:o.value == x.value ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /if ?><?cs /each ?></select><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:subcount(Page.conflict) ?><section class="card conflict" aria-labelledby="conflict">
	<h2 class="card-title" id="conflict"><?cs var:T.profiles.conflict ?></h2>
	<p class="note"><?cs var:T.profiles.conflict_help ?></p>
	<div class="table-box" tabindex="0" role="region" aria-labelledby="conflict"><table class="table">
	<thead><tr><th scope="col"><?cs var:T.profiles.what ?></th><th scope="col"><?cs var:T.profiles.theirs ?></th><th scope="col"><?cs var:T.profiles.yours ?></th></tr></thead>
	<tbody><?cs each:c = Page.conflict ?><tr><td data-label="<?cs var:T.profiles.what ?>"><?cs var:c.label ?></td><td data-label="<?cs var:T.profiles.theirs ?>"><?cs var:c.theirs ?></td><td data-label="<?cs var:T.profiles.yours ?>"><?cs var:c.yours ?></td></tr><?cs /each ?></tbody>
	</table></div>
</section><?cs /if ?>
<form method="post" action="<?cs var:path(Page.action) ?>" data-guard>
	<?cs # No single-use number: what is previewed may be changed and previewed again. ?>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<input type="hidden" name="_version" value="<?cs var:Page.version ?>">
	<?cs if:!Page.builtin && !Page.readonly ?><div class="card narrow">
		<div class="field<?cs if:string.length(Page.name_error) ?> wrong<?cs /if ?>"><label class="label" for="name"><?cs var:T.profiles.name ?></label>
			<input class="input" id="name" name="name" maxlength="60" required value="<?cs var:Page.name ?>"<?cs if:string.length(Page.name_error) ?> aria-invalid="true" aria-describedby="name-note"<?cs /if ?>>
			<?cs if:string.length(Page.name_error) ?><div class="note" id="name-note"><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.name_error ?></p></div><?cs /if ?></div>
	</div><?cs /if ?>
	<div class="card"><input type="hidden" name="require_totp" value="0"><label class="check"><input type="checkbox" id="require_totp" name="require_totp" value="1"<?cs if:Page.require_totp ?> checked<?cs /if ?>> <span><?cs var:T.profiles.key.require_totp ?></span></label>
		<p class="note"><?cs var:T.profiles.totp_help ?></p></div>
	<section class="group" aria-labelledby="rights"><h2 class="group-title" id="rights"><?cs var:T.profiles.rights ?></h2>
	<p class="note"><?cs var:T.profiles.rights_help ?></p>
	<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-labelledby="rights"><table class="table rights">
	<thead><tr><th scope="col"><?cs var:T.profiles.records_title ?></th><?cs each:r = Page.rights ?><th scope="col"><?cs var:r ?></th><?cs /each ?></tr></thead>
	<tbody><?cs each:e = Page.entities ?><tr><th scope="row"><?cs var:e.label ?></th>
		<?cs each:c = e.cells ?><td data-label="<?cs var:c.label ?>"><?cs if:Page.readonly ?><span class="scope scope-<?cs var:c.value ?>"><?cs var:c.text ?></span><?cs else ?><?cs set:Var.label = e.label + ": " + c.label ?><?cs call:words(c, Page.scopes, Var.label) ?><?cs call:line_error(c) ?><?cs /if ?></td>
		<?cs /each ?></tr><?cs /each ?></tbody>
	</table></div></div></section>
	<section class="group" aria-labelledby="special"><h2 class="group-title" id="special"><?cs var:T.profiles.special_title ?></h2>
	<div class="card"><ul class="boxes"><?cs each:s = Page.special ?><li>
		<?cs if:s.locked ?><span class="check-text<?cs if:!s.on ?> quiet<?cs /if ?>"><?cs if:s.on ?><?cs call:icon("done") ?><?cs else ?><span class="none">–</span><?cs /if ?> <?cs var:s.label ?></span>
		<?cs else ?><input type="hidden" name="<?cs var:s.name ?>" value="0"><label class="check"><input type="checkbox" id="<?cs var:s.id ?>" name="<?cs var:s.name ?>" value="1"<?cs if:s.on ?> checked<?cs /if ?><?cs if:string.length(s.error) ?> aria-invalid="true" aria-describedby="<?cs var:s.id ?>-note"<?cs /if ?>> <span><?cs var:s.label ?></span></label><?cs /if ?>
		<p class="note"><?cs var:s.hint ?></p><?cs call:line_error(s) ?></li><?cs /each ?></ul></div></section>
	<section class="group" aria-labelledby="fields"><h2 class="group-title" id="fields"><?cs var:T.profiles.fields ?></h2>
	<p class="note"><?cs var:T.profiles.fields_help ?></p>
	<div class="card levels"><?cs each:d = Page.defaults ?><div class="level"><label class="level-name" for="<?cs var:d.id ?>"><?cs var:d.label ?></label><?cs if:Page.readonly ?><span class="scope scope-<?cs var:d.value ?>"><?cs var:d.text ?></span><?cs else ?><?cs call:words(d, Page.levels, d.label) ?><?cs call:line_error(d) ?><?cs /if ?></div><?cs /each ?></div>
	<?cs each:g = Page.groups ?><details class="card fold" open><summary class="card-title"><?cs var:g.label ?> <span class="count"><?cs var:subcount(g.fields) ?></span></summary>
		<div class="levels"><?cs each:f = g.fields ?><div class="level<?cs if:f.off ?> muted<?cs /if ?>"><span class="level-name"><?cs var:f.label ?><?cs call:marks(f) ?></span><?cs if:f.fixed ?><span class="muted"><?cs var:f.text ?></span><?cs elif:Page.readonly ?><span class="scope scope-<?cs var:f.value ?>"><?cs var:f.text ?></span><?cs else ?><?cs call:words(f, Page.levels, f.label) ?><?cs call:line_error(f) ?><?cs /if ?></div><?cs /each ?></div>
	</details><?cs /each ?></section>
	<?cs call:marks_legend() ?>
	<div class="form-actions form-actions-stay"><button class="button button-primary" type="submit"><?cs var:T.profiles.to_preview ?></button> <a class="button button-quiet" href="/settings/profiles"><?cs var:T.common.cancel ?></a></div>
</form>
<?cs call:page_end() ?>
