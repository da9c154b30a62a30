<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Two profiles beside each other: Page.differences first, then Page.same. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<form class="card pick" method="get" action="/settings/profiles/compare">
	<div class="field"><label class="label" for="a"><?cs var:T.profiles.one ?></label><select class="input" id="a" name="a" required><option value=""><?cs var:T.common.choose ?></option><?cs each:o = Page.a ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?></select></div>
	<div class="field"><label class="label" for="b"><?cs var:T.profiles.other ?></label><select class="input" id="b" name="b" required><option value=""><?cs var:T.common.choose ?></option><?cs each:o = Page.b ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?></select></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.profiles.action.compare ?></button></div>
</form>
<?cs if:Page.compared ?>
<section class="group" aria-labelledby="differ"><h2 class="group-title" id="differ"><?cs var:T.profiles.differences ?> <span class="count"><?cs var:subcount(Page.differences) ?></span></h2>
<?cs if:subcount(Page.differences) ?><div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-labelledby="differ"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.profiles.what ?></th><th scope="col"><?cs var:Page.a_title ?></th><th scope="col"><?cs var:Page.b_title ?></th></tr></thead>
<tbody><?cs each:d = Page.differences ?><tr><th scope="row"><?cs var:d.label ?></th><td data-label="<?cs var:Page.a_title ?>"><?cs if:d.more ?><span><?cs var:d.a ?></span><?cs else ?><strong><?cs var:d.a ?></strong><?cs /if ?></td><td data-label="<?cs var:Page.b_title ?>"><?cs if:d.more ?><strong><?cs var:d.b ?></strong><?cs else ?><span><?cs var:d.b ?></span><?cs /if ?></td></tr><?cs /each ?></tbody>
</table></div></div>
<?cs else ?><div class="card"><?cs call:empty("done", T.profiles.alike, "") ?></div><?cs /if ?></section>
<details class="card fold card-flush"><summary class="card-title"><?cs var:T.profiles.same ?> <span class="count"><?cs var:subcount(Page.same) ?></span></summary>
	<div class="table-box"><table class="table table-full"><thead><tr><th scope="col"><?cs var:T.profiles.what ?></th><th scope="col"><?cs var:T.profiles.both ?></th></tr></thead>
	<tbody><?cs each:d = Page.same ?><tr><th scope="row"><?cs var:d.label ?></th><td data-label="<?cs var:T.profiles.both ?>"><?cs var:d.both ?></td></tr><?cs /each ?></tbody></table></div>
</details>
<?cs /if ?>
<?cs call:page_end() ?>
