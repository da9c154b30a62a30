<?cs # SPDX-License-Identifier: ISC ?>
<?cs # How long the log is kept: Data.items: months; Data.holds; Page.fields, Page.hold: forms of whoever may change it. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:Page.may_change ?>
<form class="card" method="post" action="/settings/audit" aria-labelledby="keep">
	<h2 class="card-title" id="keep"><?cs var:T.months.keep_title ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.common.save ?></button></div>
</form>
<?cs else ?><p class="intro"><?cs var:fill(T.months.kept_for, Data.keep_months) ?></p><?cs /if ?>
<section class="card" aria-labelledby="holds"><h2 class="card-title" id="holds"><?cs var:T.months.holds ?></h2>
	<p class="quiet"><?cs var:T.months.holds_help ?></p>
	<?cs if:subcount(Data.holds) ?><ul class="rows"><?cs each:h = Data.holds ?><li><div><strong><?cs var:h.from_text ?> – <?cs var:h.to_text ?></strong><span class="cell-lines quiet"><?cs var:h.reason_label ?><?cs if:string.length(h.set_by) ?> · <?cs var:h.set_by ?><?cs /if ?> · <?cs var:h.set_text ?></span></div><?cs if:Page.may_change ?><form method="post" action="/settings/audit/holds/<?cs var:h.id ?>/end"><?cs call:form_hidden() ?><button class="button" type="submit"><?cs var:T.months.end_hold ?><span class="visually-hidden"> <?cs var:h.from_text ?> – <?cs var:h.to_text ?></span></button></form><?cs /if ?></li><?cs /each ?></ul><?cs else ?><p><?cs var:T.months.no_holds ?></p><?cs /if ?>
</section>
<?cs if:Page.may_change ?>
<form class="card" method="post" action="/settings/audit/holds" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.months.add_hold ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.hold) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.months.add_hold ?></button></div>
</form>
<?cs /if ?>
<section class="card card-flush" aria-labelledby="months"><h2 class="card-title" id="months"><?cs var:T.months.list ?></h2>
<div class="table-box" tabindex="0" role="region" aria-labelledby="months"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.months.month ?></th><th scope="col"><?cs var:T.months.state_title ?></th><th scope="col"><?cs var:T.months.events ?></th><th scope="col"><?cs var:T.months.size ?></th><th scope="col"><?cs var:T.months.goes ?></th></tr></thead>
<tbody><?cs each:m = Data.items ?><tr>
<td class="nowrap" data-label="<?cs var:T.months.month ?>"><?cs var:m.month ?></td>
<td data-label="<?cs var:T.months.state_title ?>"><?cs call:badge(m.state_kind, m.state_label) ?></td>
<td data-label="<?cs var:T.months.events ?>"><?cs if:?m.events ?><?cs var:thousands(m.events) ?><?cs else ?><span class="none">–</span><?cs /if ?></td>
<td data-label="<?cs var:T.months.size ?>"><?cs var:m.size ?></td>
<td data-label="<?cs var:T.months.goes ?>"><?cs if:?m.goes_text ?><?cs var:m.goes_text ?><?cs elif:?m.gone_text ?><?cs var:fill(T.months.gone, m.gone_text) ?><?cs else ?><span class="none">–</span><?cs /if ?></td>
</tr>
<?cs /each ?></tbody></table></div></section>
<?cs call:page_end() ?>
