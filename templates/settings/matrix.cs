<?cs # SPDX-License-Identifier: ISC ?>
<?cs # All profiles by all rights or fields, a letter a cell: there can be 30,000 of them. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:tabs(Page.tabs, T.profiles.show) ?>
<dl class="legend"><?cs if:Page.groups.0.name == "rights" ?>
	<div><dt class="lv-<?cs var:T.profiles.letter.a ?>"><?cs var:T.profiles.letter.a ?></dt><dd><?cs var:T.profiles.scope.all ?></dd></div>
	<div><dt class="lv-<?cs var:T.profiles.letter.t ?>"><?cs var:T.profiles.letter.t ?></dt><dd><?cs var:T.profiles.scope.team ?></dd></div>
	<div><dt class="lv-<?cs var:T.profiles.letter.o ?>"><?cs var:T.profiles.letter.o ?></dt><dd><?cs var:T.profiles.scope.own ?></dd></div>
	<div><dt class="lv-<?cs var:T.profiles.letter.y ?>"><?cs var:T.profiles.letter.y ?></dt><dd><?cs var:T.profiles.yes_no.yes ?></dd></div>
	<div><dt class="lv-<?cs var:T.profiles.letter.n ?>"><?cs var:T.profiles.letter.n ?></dt><dd><?cs var:T.profiles.scope.none ?></dd></div>
<?cs else ?>
	<div><dt class="lv-<?cs var:T.profiles.letter.e ?>"><?cs var:T.profiles.letter.e ?></dt><dd><?cs var:T.profiles.level.edit ?></dd></div>
	<div><dt class="lv-<?cs var:T.profiles.letter.r ?>"><?cs var:T.profiles.letter.r ?></dt><dd><?cs var:T.profiles.level.read ?></dd></div>
	<div><dt class="lv-<?cs var:T.profiles.letter.m ?>"><?cs var:T.profiles.letter.m ?></dt><dd><?cs var:T.profiles.level.masked ?></dd></div>
	<div><dt class="lv-<?cs var:T.profiles.letter.h ?>"><?cs var:T.profiles.letter.h ?></dt><dd><?cs var:T.profiles.level.hidden ?></dd></div>
<?cs /if ?></dl>
<?cs each:g = Page.groups ?><section class="group" aria-labelledby="g-<?cs var:g.name ?>"><h2 class="group-title" id="g-<?cs var:g.name ?>"><?cs var:g.label ?></h2>
<div class="card card-flush"><div class="matrix-box" tabindex="0" role="region" aria-labelledby="g-<?cs var:g.name ?>"><table class="matrix">
<thead><tr><td></td><?cs each:p = Page.profiles ?><th scope="col"><a href="<?cs var:path(p.url) ?>"><?cs var:p.label ?></a></th><?cs /each ?></tr></thead>
<tbody><?cs each:r = g.rows ?><tr><th scope="row"><?cs var:r.label ?><?cs if:r.encrypted ?><?cs call:marks(r) ?><?cs /if ?></th><?cs each:c = r.cells ?><td class="lv-<?cs var:c ?>"><?cs var:c ?></td><?cs /each ?></tr>
<?cs /each ?></tbody>
</table></div></div></section>
<?cs /each ?>
<?cs call:page_end() ?>
