<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Letters: Data.heads (language, name, url), Data.items (letter, language, name, label, own, url). ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<section class="card" aria-labelledby="heads"><h2 class="card-title" id="heads"><?cs var:T.letters.head_title ?></h2>
	<p class="note"><?cs var:T.letters.head_help ?></p>
	<ul class="rows"><?cs each:h = Data.heads ?><li><div><strong><a href="<?cs var:path(h.url) ?>"><?cs var:h.label ?></a></strong><p class="quiet"><?cs var:h.name ?></p></div></li><?cs /each ?></ul>
</section>
<section class="card" aria-labelledby="texts"><h2 class="card-title" id="texts"><?cs var:T.letters.texts ?></h2>
	<ul class="rows"><?cs each:t = Data.items ?><li><div><strong><a href="<?cs var:path(t.url) ?>"><?cs var:t.name ?></a></strong> <span class="quiet"><?cs var:t.label ?></span></div><?cs if:t.own ?><?cs call:badge("info", T.letters.own) ?><?cs /if ?></li><?cs /each ?></ul>
</section>
</div>
<?cs call:page_end() ?>
