<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Who is not made anew, or gets no marketing: Page.fields, Data.items of what was asked, Page.blocked. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:T.suppression.found ?>">
	<ul class="rows"><?cs each:i = Data.items ?><li><div><strong><?cs var:i.label ?></strong> <?cs if:i.blocked ?><?cs call:badge("danger", T.suppression.blocked) ?><?cs elif:i.marketing_stopped ?><?cs call:badge("warning", T.suppression.stopped) ?><?cs else ?><?cs call:badge("success", T.suppression.free) ?><?cs /if ?>
		<?cs each:l = i.lines ?><p class="quiet"><?cs var:l ?></p><?cs /each ?></div></li><?cs /each ?></ul>
</section><?cs /if ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="/privacy/suppression">
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.suppression.look ?></button><?cs if:Page.blocked ?> <button class="button" type="submit" formaction="/privacy/suppression/returned"><?cs var:T.suppression.returned ?></button><?cs /if ?></div>
</form>
</div>
<?cs call:page_end() ?>
