<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The Commissioner's form: Data.parts with what is known of each; to be printed. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<p class="intro"><?cs var:T.dbn.lead ?></p>
<?cs each:p = Data.parts ?><section class="card" aria-labelledby="part-<?cs var:p.part ?>"><h2 class="card-title" id="part-<?cs var:p.part ?>"><?cs var:p.title ?></h2>
	<dl class="definitions"><?cs each:r = p.rows ?><dt><?cs var:r.label ?></dt><dd class="lines"><?cs if:string.length(r.text) ?><?cs var:r.text ?><?cs else ?><span class="quiet"><?cs var:T.dbn.fill_in ?></span><?cs /if ?></dd><?cs /each ?></dl>
</section><?cs /each ?>
<?cs if:Page.may_make ?><form class="pager" method="post" action="/privacy/incidents/<?cs var:Page.incident ?>/form"><span></span><?cs call:form_hidden() ?><button class="button" type="submit"><?cs call:icon("download") ?><span><?cs var:T.dbn.make ?></span></button></form><?cs /if ?>
<?cs call:page_end() ?>
