<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Support access: Data.items, newest first; Page.fields of an offer. ?>
<?cs def:grant_action(g, verb, label, class) ?><form method="post" action="/settings/support/<?cs var:g.id ?>/<?cs var:verb ?>"><?cs call:form_hidden() ?><button class="button button-small<?cs var:class ?>" type="submit"><?cs var:label ?><span class="visually-hidden"> <?cs var:g.operator ?></span></button></form><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:g = Data.items ?><li>
		<div><a href="/settings/support/<?cs var:g.id ?>"><strong><?cs var:g.operator ?></strong></a> <?cs if:g.state == "active" ?><?cs call:badge("warning", g.state_label) ?><?cs elif:g.state == "waiting" ?><?cs call:badge("info", g.state_label) ?><?cs else ?><?cs call:badge("neutral", g.state_label) ?><?cs /if ?>
			<p><?cs var:g.reason ?></p>
			<p class="quiet"><?cs var:g.scope_label ?> · <?cs var:fill(T.support.for_hours, g.hours) ?><?cs if:?g.ends_at_shown ?> · <?cs var:fill(T.support.until, g.ends_at_shown) ?><?cs elif:?g.asked_at_shown ?> · <?cs var:fill(T.support.asked, g.asked_at_shown) ?><?cs /if ?></p></div>
		<?cs if:g.state == "waiting" ?><div class="form-actions"><?cs call:grant_action(g, "give", T.support.give, "") ?><?cs call:grant_action(g, "refuse", T.support.refuse, " button-quiet") ?></div><?cs elif:g.state == "active" ?><?cs call:grant_action(g, "revoke", T.support.revoke, " button-danger") ?><?cs /if ?>
	</li><?cs /each ?></ul>
	<?cs if:?Data.next ?><div class="form-actions"><a class="button" rel="next" href="/settings/support?after=<?cs var:url_escape(Data.next) ?>"><?cs var:T.audit.older ?></a></div><?cs /if ?>
</section>
<?cs else ?><div class="card"><?cs call:empty("lock", T.support.empty, T.support.empty_help) ?></div><?cs /if ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="/settings/support" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.support.offer ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<p class="note"><?cs var:T.support.offer_help ?></p>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.support.offer ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
