<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Mail of erased people: Data.items, Data.next, Page.ways. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:i = Data.items ?><li><div><strong><?cs var:i.who ?></strong> <?cs call:badge("danger", i.blocked) ?>
		<p><?cs if:?i.subject ?><?cs var:i.subject ?><?cs else ?><?cs var:T.tray.no_subject ?><?cs /if ?></p>
		<p class="quiet"><?cs var:i.came ?> · <?cs var:i.ends ?></p></div>
		<details<?cs if:i.id == Page.sent && string.length(Page.errors.how) ?> open<?cs /if ?>><summary><?cs var:T.receipt.decide ?></summary>
		<form class="actions" method="post" action="/privacy/tray/<?cs var:i.id ?>/let-in"><?cs call:form_hidden() ?>
			<select class="input" name="how"<?cs if:i.id == Page.sent && string.length(Page.errors.how) ?> aria-invalid="true" aria-describedby="how-note"<?cs /if ?> aria-label="<?cs var:T.suppression.how ?>"><option value=""><?cs var:T.common.choose ?></option><?cs each:w = Page.ways ?><option value="<?cs var:w.value ?>"><?cs var:w.label ?></option><?cs /each ?></select> <button class="button" type="submit"><?cs var:T.tray.let_in ?></button></form><?cs if:i.id == Page.sent && string.length(Page.errors.how) ?><p class="error" id="how-note"><?cs call:icon("danger") ?> <?cs var:Page.errors.how ?></p><?cs /if ?>
		<form class="actions" method="post" action="/privacy/tray/<?cs var:i.id ?>/destroy"><?cs call:form_hidden() ?><button class="button button-danger" type="submit"><?cs var:T.tray.destroy ?></button></form></details></li><?cs /each ?></ul>
</section>
<?cs if:?Data.next ?><p><a href="/privacy/tray?after=<?cs var:Data.next ?>"><?cs var:T.tray.more ?></a></p><?cs /if ?>
<?cs else ?><div class="card"><?cs call:empty("inbox", T.tray.none, T.tray.none_help) ?></div><?cs /if ?>
<?cs call:page_end() ?>
