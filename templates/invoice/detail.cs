<?cs # SPDX-License-Identifier: ISC ?>
<?cs # An invoice: its fields, its lines, whom it was sent to. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<div class="form-column">
	<?cs each:g = Page.groups ?><section class="card" aria-labelledby="g-<?cs var:g.name ?>">
		<h2 class="card-title" id="g-<?cs var:g.name ?>"><?cs var:g.label ?></h2>
		<?cs call:definitions(g.fields) ?>
	</section><?cs /each ?>
	<?cs if:subcount(Page.lines) ?><section class="card card-flush" aria-labelledby="lines">
		<h2 class="card-title" id="lines"><?cs var:T.invoice.lines ?></h2>
		<div class="table-box" tabindex="0" role="region" aria-labelledby="lines"><table class="table">
			<thead><tr><th scope="col"><?cs var:T.invoice.description ?></th><th scope="col" class="end"><?cs var:T.invoice.quantity ?></th><th scope="col" class="end"><?cs var:T.invoice.unit_amount ?></th><th scope="col" class="end"><?cs var:T.invoice.amount ?></th></tr></thead>
			<tbody>
			<?cs each:l = Page.lines ?><tr><td data-label="<?cs var:T.invoice.description ?>"><?cs var:l.description ?></td><td class="end" data-label="<?cs var:T.invoice.quantity ?>"><?cs var:l.quantity ?></td><td class="end" data-label="<?cs var:T.invoice.unit_amount ?>"><?cs var:l.unit_amount ?></td><td class="end" data-label="<?cs var:T.invoice.amount ?>"><?cs var:l.amount ?></td></tr>
			<?cs /each ?></tbody>
			<tfoot><tr><th scope="row" colspan="3"><?cs var:T.invoice.total ?></th><td class="end"><strong><?cs var:Page.total ?></strong></td></tr></tfoot>
		</table></div>
	</section><?cs /if ?>
	<?cs if:string.length(Page.bill_to.name) || string.length(Page.bill_to.address) ?><section class="card" aria-labelledby="bill-to">
		<h2 class="card-title" id="bill-to"><?cs var:T.invoice.bill_to ?> <?cs set:Var.bill.personal = 1 ?><?cs set:Var.bill.encrypted = 1 ?><?cs call:marks(Var.bill) ?></h2>
		<?cs if:string.length(Page.bill_to.name) ?><p><?cs var:Page.bill_to.name ?></p><?cs /if ?>
		<?cs if:string.length(Page.bill_to.address) ?><p class="lines"><?cs var:Page.bill_to.address ?></p><?cs /if ?>
		<p class="note"><?cs var:T.invoice.bill_to_hint ?></p>
	</section><?cs /if ?>
	<?cs if:?Page.bill_to_kept.until ?><section class="card" aria-labelledby="bill-to">
		<h2 class="card-title" id="bill-to"><?cs var:T.invoice.bill_to ?></h2>
		<p><?cs var:Page.bill_to_kept.until ?></p>
		<?cs if:?Page.bill_to_kept.url ?><p><a href="<?cs var:path(Page.bill_to_kept.url) ?>"><?cs var:T.kept_law.open ?></a></p><?cs /if ?>
	</section><?cs /if ?>
	<?cs call:marks_legend() ?>
</div>
<?cs call:page_end() ?>
