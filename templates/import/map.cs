<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Import, second step: what each column becomes, checked on the first rows. ?>
<?cs call:page_begin(T.import.map_title) ?>
<nav class="crumbs" aria-label="<?cs var:T.chrome.crumbs ?>"><ol><li><a href="/import"><?cs var:T.import.title ?></a><?cs call:icon("right") ?></li></ol></nav>
<?cs call:heading(T.import.map_title) ?>
<?cs call:import_steps(2) ?>
<?cs call:form_error() ?>
<form method="post" action="/import/<?cs var:Data.id ?>" data-guard>
	<?cs call:form_hidden() ?>
	<p class="intro"><?cs var:fill(T.import.map_lead, Page.encoding) ?></p>
	<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.import.map_title ?>"><table class="table">
		<thead><tr><th scope="col"><?cs var:T.import.column ?></th><th scope="col"><?cs var:T.import.samples ?></th><th scope="col"><?cs var:T.import.becomes ?></th></tr></thead>
		<tbody>
		<?cs each:c = Page.columns ?><tr><th scope="row"><label for="c-<?cs var:c.place ?>"><?cs var:c.header ?></label></th>
			<td class="quiet" data-label="<?cs var:T.import.samples ?>"><?cs each:x = c.samples ?><?cs if:string.length(x) ?><?cs var:x ?><?cs if:!last(x) ?> · <?cs /if ?><?cs /if ?><?cs /each ?></td>
			<td data-label="<?cs var:T.import.becomes ?>"><select class="input" id="c-<?cs var:c.place ?>" name="columns"><option value="-"><?cs var:T.import.leave_out ?></option><?cs each:o = c.options ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?></select><?cs if:string.length(Page.errors[c.header]) ?><p class="error"><?cs var:Page.errors[c.header] ?></p><?cs /if ?></td></tr>
		<?cs /each ?></tbody>
	</table></div></div>
	<div class="card"><div class="form-grid">
		<div class="field<?cs if:string.length(Page.errors.match) ?> wrong<?cs /if ?>"><label class="label" for="f-match"><?cs var:T.import.match ?></label><select class="input" id="f-match" name="match"><option value=""><?cs var:T.import.match_none ?></option><?cs each:o = Page.match_options ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?></select><?cs if:string.length(Page.errors.match) ?><p class="note"><span class="error"><?cs var:Page.errors.match ?></span></p><?cs /if ?></div>
		<div class="field"><label class="label" for="f-mode"><?cs var:T.import.mode ?></label><select class="input" id="f-mode" name="mode"><option value="skip"><?cs var:T.import.mode.skip ?></option><option value="update"<?cs if:Page.mode == "update" ?> selected<?cs /if ?>><?cs var:T.import.mode.update ?></option></select></div>
	</div></div>
	<?cs if:subcount(Page.preview) ?><section class="card card-flush" aria-labelledby="preview"><h2 class="card-title" id="preview"><?cs var:T.import.preview_title ?></h2>
	<div class="table-box" tabindex="0" role="region" aria-labelledby="preview"><table class="table">
		<thead><tr><th scope="col"><?cs var:T.import.row ?></th><?cs each:c = Page.preview_columns ?><th scope="col"><?cs var:c ?></th><?cs /each ?><th scope="col"><?cs var:T.import.error ?></th></tr></thead>
		<tbody><?cs set:Var.n = 1 ?>
		<?cs each:r = Page.preview ?><?cs set:Var.n = #Var.n + 1 ?><tr<?cs if:string.length(r.error) ?> class="wrong-row"<?cs /if ?>><th scope="row"><?cs var:Var.n ?></th><?cs each:c = r.cells ?><td data-label="<?cs var:Page.preview_columns[name(c)] ?>"><?cs var:c ?></td><?cs /each ?><td class="wrap" data-label="<?cs var:T.import.error ?>"><?cs if:string.length(r.error) ?><span class="error"><?cs call:icon("danger") ?> <?cs var:r.error ?></span><?cs /if ?></td></tr>
		<?cs /each ?></tbody>
	</table></div></section><?cs /if ?>
	<div class="form-actions"><button class="button button-primary" name="step" value="start" type="submit"><?cs call:icon("import") ?><span><?cs var:T.import.start ?></span></button>
		<button class="button" name="step" value="preview" type="submit"><?cs var:T.import.preview ?></button>
		<a class="button button-quiet" href="/import"><?cs var:T.common.cancel ?></a></div>
</form>
<?cs call:page_end() ?>
