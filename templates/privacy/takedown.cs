<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One notice: what it says, Data.items that are out of sight, Page.fields for another. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<section class="card" aria-labelledby="facts"><h2 class="card-title" id="facts"><?cs var:T.takedown.notice ?> <?cs call:badge(Data.badge, Data.badge_text) ?></h2>
	<dl class="definitions">
		<dt><?cs var:T.takedown.from ?></dt><dd><?cs var:Data.from ?></dd>
		<dt><?cs var:T.takedown.received ?></dt><dd><?cs var:Data.received ?></dd>
		<dt><?cs var:T.takedown.deadline ?></dt><dd><?cs var:Data.deadline ?></dd>
		<dt><?cs var:T.takedown.text ?></dt><dd class="lines"><?cs var:Data.text ?></dd>
	</dl>
</section>
<section class="card" aria-labelledby="items"><h2 class="card-title" id="items"><?cs var:T.takedown.items ?></h2>
	<?cs if:subcount(Data.items) ?><ul class="rows"><?cs each:i = Data.items ?><li><div><strong><?cs var:i.what ?></strong>
		<p class="quiet"><?cs var:fill(T.takedown.hidden, i.hidden) ?><?cs if:string.length(i.shown) ?> <?cs var:fill(T.takedown.shown, i.shown) ?><?cs /if ?></p>
		<p class="quiet">SHA-256 <code><?cs var:i.digest ?></code></p></div>
		<div class="actions"><?cs if:i.evidence ?><a class="button button-small" href="/privacy/takedowns/<?cs var:Data.id ?>/items/<?cs var:i.id ?>"><?cs var:T.takedown.evidence ?></a><?cs /if ?>
		<?cs if:!string.length(i.shown) ?><form method="post" action="/privacy/takedowns/<?cs var:Data.id ?>/items/<?cs var:i.id ?>/show"><?cs call:form_hidden() ?><button class="button button-small" type="submit"><?cs var:T.takedown.put_back ?></button></form><?cs /if ?></div></li><?cs /each ?></ul>
	<?cs else ?><p class="quiet"><?cs var:T.takedown.no_items ?></p><?cs /if ?>
</section>
<?cs if:Page.open ?><form class="card" method="post" action="/privacy/takedowns/<?cs var:Data.id ?>/items" aria-labelledby="hide"><h2 class="card-title" id="hide"><?cs var:T.takedown.hide ?></h2>
	<p class="note"><?cs var:T.takedown.hide_help ?></p>
	<?cs call:form_hidden() ?><div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-danger" type="submit"><?cs var:T.takedown.hide ?></button></div>
</form>
<form class="card" method="post" action="/privacy/takedowns/<?cs var:Data.id ?>/done"><?cs call:form_hidden() ?><button class="button" type="submit"><?cs var:T.takedown.all_done ?></button></form><?cs /if ?>
<?cs call:page_end() ?>
