<?cs # SPDX-License-Identifier: ISC ?>
<?cs # What a user may do and see at this moment. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<dl class="facts card">
	<div><dt><?cs var:T.users.profile ?></dt><dd><?cs if:?Page.profile_url ?><a href="<?cs var:path(Page.profile_url) ?>"><?cs var:Page.profile ?></a><?cs else ?><?cs var:Page.profile ?><?cs /if ?></dd></div>
	<div><dt><?cs var:T.access.team ?></dt><dd><?cs if:string.length(Page.team) ?><?cs var:Page.team ?><?cs else ?><span class="none">–</span><?cs /if ?></dd></div>
	<div><dt><?cs var:T.users.state ?></dt><dd><?cs if:Page.inactive ?><?cs call:badge("neutral", T.users.inactive) ?><?cs else ?><?cs call:badge("success", T.users.active) ?><?cs /if ?></dd></div>
</dl>
<section class="group" aria-labelledby="rights"><h2 class="group-title" id="rights"><?cs var:T.profiles.rights ?></h2>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-labelledby="rights"><table class="table rights">
<thead><tr><th scope="col"><?cs var:T.profiles.records_title ?></th><th scope="col" class="end"><?cs var:T.access.visible ?></th><?cs each:r = Page.rights ?><th scope="col"><?cs var:r ?></th><?cs /each ?></tr></thead>
<tbody><?cs each:e = Page.entities ?><tr><th scope="row"><?cs var:e.label ?></th><td class="end" data-label="<?cs var:T.access.visible ?>"><?cs if:?e.visible ?><?cs var:thousands(e.visible) ?><?cs else ?><span class="none">?</span><?cs /if ?></td>
	<?cs each:c = e.cells ?><td data-label="<?cs var:c.label ?>"><span class="scope scope-<?cs var:c.value ?>"><?cs var:c.text ?></span></td><?cs /each ?></tr><?cs /each ?></tbody>
</table></div></div></section>
<section class="group" aria-labelledby="special"><h2 class="group-title" id="special"><?cs var:T.profiles.special_title ?></h2>
<div class="card"><?cs if:subcount(Page.special) ?><ul class="points"><?cs each:s = Page.special ?><li><?cs var:s ?></li><?cs /each ?></ul><?cs else ?><p class="quiet"><?cs var:T.access.no_special ?></p><?cs /if ?></div></section>
<section class="group" aria-labelledby="fields"><h2 class="group-title" id="fields"><?cs var:T.profiles.fields ?></h2>
<?cs each:g = Page.groups ?><details class="card fold"<?cs if:name(g) == "0" ?> open<?cs /if ?>><summary class="card-title"><?cs var:g.label ?> <span class="count"><?cs var:subcount(g.fields) ?></span></summary>
	<div class="levels"><?cs each:f = g.fields ?><div class="level"><span class="level-name"><?cs var:f.label ?><?cs call:marks(f) ?></span><span class="scope scope-<?cs var:f.value ?>"><?cs var:f.text ?></span></div><?cs /each ?></div>
</details><?cs /each ?></section>
<?cs call:marks_legend() ?>
<?cs call:page_end() ?>
