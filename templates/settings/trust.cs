<?cs # SPDX-License-Identifier: ISC ?>
<?cs # What becomes of the data here, to be printed: Page.as_of, answers.N.id title text url facts.N.label text. ?>
<?cs call:page_begin(Page.title) ?>
<div class="sheet">
<?cs call:heading(Page.title) ?>
<div class="sheet-head"><p><strong><?cs var:Chrome.workspace.name ?></strong></p><p><?cs var:Page.as_of ?></p></div>
<p class="lead"><?cs var:T.trust.lead ?></p>
<?cs each:q = Page.answers ?><section class="card" aria-labelledby="<?cs var:q.id ?>">
	<h2 class="card-title" id="<?cs var:q.id ?>"><?cs var:q.title ?></h2>
	<p><?cs var:q.text ?></p>
	<?cs if:subcount(q.facts) ?><dl class="facts facts-small"><?cs each:f = q.facts ?><div><dt><?cs var:f.label ?></dt><dd class="break"><?cs var:f.text ?></dd></div><?cs /each ?></dl><?cs /if ?>
	<?cs if:string.length(q.url) ?><p class="actions"><a href="<?cs var:path(q.url) ?>"><?cs var:T.trust.go ?><span class="visually-hidden"> <?cs var:q.title ?></span></a></p><?cs /if ?>
</section><?cs /each ?>
<p class="note"><?cs var:T.trust.not_advice ?></p>
</div>
<?cs call:page_end() ?>
