<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The second step: which column becomes which field, with samples and a look at the first rows. ?>
<?cs call:page_begin(T.import.map_title) ?>
<?cs call:heading(T.import.map_title) ?>
<p class="lead"><?cs var:fill(T.import.map_lead, Page.encoding) ?></p>
<?cs call:form_error() ?>
<form class="card" method="post" action="/import/<?cs var:Data.id ?>">
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.import.map_title ?>"><table class="table"><thead><tr><th scope="col"><?cs var:T.import.column ?></th><th scope="col"><?cs var:T.import.samples ?></th><th scope="col"><?cs var:T.import.becomes ?></th></tr></thead><tbody>
	<?cs each:c = Page.columns ?><tr><th scope="row"><label for="c-<?cs var:c.place ?>"><?cs var:c.header ?></label></th><td class="quiet"><?cs each:x = c.samples ?><?cs if:string.length(x) ?><?cs var:x ?><br><?cs /if ?><?cs /each ?></td>
		<td><select class="input" id="c-<?cs var:c.place ?>" name="columns"><option value=""><?cs var:T.import.leave_out ?></option><?cs call:options(c) ?></select><?cs if:string.length(Page.errors[c.header]) ?><p class="error"><?cs var:Page.errors[c.header] ?></p><?cs /if ?></td></tr>
	<?cs /each ?></tbody></table></div>
	<div class="field"><label class="label" for="f-match"><?cs var:T.import.match ?></label><select class="input" id="f-match" name="match"><option value=""><?cs var:T.import.match_none ?></option><option value="email"<?cs if:Page.match == "email" ?> selected<?cs /if ?>><?cs var:T.field.type.email ?></option><option value="phone"<?cs if:Page.match == "phone" ?> selected<?cs /if ?>><?cs var:T.field.type.phone ?></option></select>
		<?cs if:string.length(Page.errors.match) ?><p class="error"><?cs var:Page.errors.match ?></p><?cs /if ?></div>
	<div class="field"><label class="label" for="f-mode"><?cs var:T.import.mode ?></label><select class="input" id="f-mode" name="mode"><option value="skip"<?cs if:Page.mode == "skip" ?> selected<?cs /if ?>><?cs var:T.import.mode.skip ?></option><option value="update"<?cs if:Page.mode == "update" ?> selected<?cs /if ?>><?cs var:T.import.mode.update ?></option></select></div>
	<div class="form-actions"><button class="button button-primary" name="step" value="start" type="submit"><?cs var:T.import.start ?></button> <button class="button" name="step" value="preview" type="submit"><?cs var:T.import.preview ?></button> <a class="button button-quiet" href="/import"><?cs var:T.common.cancel ?></a></div>
</form>
<?cs if:subcount(Page.preview) ?><section class="card"><div class="card-head"><h2><?cs var:T.import.preview_title ?></h2></div>
<div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.import.preview_title ?>"><table class="table"><thead><tr><?cs each:n = Page.preview_columns ?><th scope="col"><?cs var:n ?></th><?cs /each ?><th scope="col"><?cs var:T.import.error ?></th></tr></thead><tbody>
<?cs each:r = Page.preview ?><tr><?cs each:x = r.cells ?><td><?cs var:x ?></td><?cs /each ?><td><?cs if:string.length(r.error) ?><span class="error"><?cs var:r.error ?></span><?cs /if ?></td></tr>
<?cs /each ?></tbody></table></div></section><?cs /if ?>
<?cs call:page_end() ?>
