<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Adds or edits an invoice: fields, then lines (the amount is their sum), then the bill-to block. ?>

<?cs def:line_input(l, part, label, mode) ?><td data-label="<?cs var:label ?>"><input class="input" name="line[<?cs var:l.row ?>.<?cs var:part ?>]" value="<?cs var:l[part] ?>" aria-label="<?cs var:label ?>"<?cs if:string.length(mode) ?> inputmode="<?cs var:mode ?>"<?cs /if ?><?cs if:string.length(l.error) ?> aria-invalid="true"<?cs /if ?> maxlength="500" autocomplete="off"></td><?cs /def ?>

<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:conflict() ?>
<?cs call:form_error() ?>
<form class="record-form" method="post" action="<?cs var:path(Page.action) ?>" data-guard>
	<?cs call:form_hidden() ?>
	<?cs each:g = Page.groups ?><fieldset class="card"><legend class="card-title"><?cs var:g.label ?></legend>
		<div class="form-grid"><?cs call:fields(g.fields) ?></div>
	</fieldset><?cs /each ?>
	<?cs if:subcount(Page.lines) || Page.many_lines ?><fieldset class="card"><legend class="card-title"><?cs var:T.invoice.lines ?></legend>
		<?cs if:subcount(Page.lines) ?>
		<p class="note"><?cs var:T.invoice.lines_hint ?></p>
		<?cs if:string.length(Page.errors.lines) ?><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.lines ?></p><?cs /if ?>
		<div class="table-box"><table class="table">
			<thead><tr><th scope="col"><?cs var:T.invoice.description ?></th><th scope="col"><?cs var:T.invoice.quantity ?></th><th scope="col"><?cs var:T.invoice.unit_amount ?></th></tr></thead>
			<tbody>
			<?cs each:l = Page.lines ?><tr><?cs call:line_input(l, "description", T.invoice.description, "") ?><?cs call:line_input(l, "quantity", T.invoice.quantity, "decimal") ?><?cs call:line_input(l, "unit_amount", T.invoice.unit_amount, "decimal") ?></tr>
			<?cs if:string.length(l.error) ?><tr><td colspan="3"><p class="error"><?cs call:icon("danger") ?> <?cs var:l.error ?></p></td></tr><?cs /if ?>
			<?cs /each ?></tbody>
		</table></div>
		<input type="hidden" name="lines_shown" value="1">
		<?cs else ?><p class="note"><?cs var:T.invoice.too_many_lines ?></p><?cs /if ?>
	</fieldset><?cs /if ?>
	<?cs if:Page.bill_to.shown ?><fieldset class="card"><legend class="card-title"><?cs var:T.invoice.bill_to ?></legend>
		<div class="form-grid">
			<div class="field wide<?cs if:string.length(Page.errors.bill_to) ?> wrong<?cs /if ?>"><label class="label" for="f-bill-name"><?cs var:T.invoice.bill_name ?></label>
				<input class="input" id="f-bill-name" name="bill_to[name]" value="<?cs var:Page.bill_to.name ?>" maxlength="200" autocomplete="off"></div>
			<div class="field wide<?cs if:string.length(Page.errors.bill_to) ?> wrong<?cs /if ?>"><label class="label" for="f-bill-address"><?cs var:T.invoice.bill_address ?></label>
				<textarea class="input" id="f-bill-address" name="bill_to[address]" rows="4" maxlength="500" aria-describedby="bill-note">
<?cs var:Page.bill_to.address ?></textarea>
				<div class="note" id="bill-note"><?cs if:string.length(Page.errors.bill_to) ?><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.bill_to ?></p><?cs /if ?><p><?cs var:T.invoice.bill_to_hint ?></p></div></div>
		</div>
		<input type="hidden" name="bill_to_shown" value="1">
	</fieldset><?cs /if ?>
	<?cs call:marks_legend() ?>
	<?cs call:form_actions(Page.submit, Page.cancel_url) ?>
</form>
</div>
<?cs call:page_end() ?>
