<?cs # SPDX-License-Identifier: ISC ?>
<?cs # What an operator asked for and was offered: Data.items; Page.fields of a request. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:k = Data.items ?><li>
		<div><strong><?cs var:k.workspace ?></strong> <?cs if:k.state == "active" ?><?cs call:badge("success", k.state_label) ?><?cs elif:k.state == "waiting" ?><?cs call:badge("info", k.state_label) ?><?cs else ?><?cs call:badge("neutral", k.state_label) ?><?cs /if ?>
			<p class="quiet"><?cs var:k.created ?> · <?cs var:k.scope_label ?> · <?cs var:fill(T.support.for_hours, k.hours) ?><?cs if:?k.ends ?> · <?cs var:fill(T.support.until, k.ends) ?><?cs /if ?></p></div>
		<?cs if:?k.enter_url ?><form method="post" action="<?cs var:path(k.enter_url) ?>"><?cs call:form_hidden() ?><button class="button button-small" type="submit"><?cs var:T.desk.enter ?><span class="visually-hidden"> <?cs var:k.workspace ?></span></button></form><?cs /if ?>
	</li><?cs /each ?></ul>
</section>
<?cs else ?><div class="card"><?cs call:empty("lock", T.desk.empty, T.desk.empty_help) ?></div><?cs /if ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="/cases" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.desk.ask ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.desk.ask ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
