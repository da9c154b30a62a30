<?cs # SPDX-License-Identifier: ISC ?>
<?cs # How long the log is kept: Data.items: months; Data.holds; Page.fields, Page.hold: forms of whoever may change it. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs set:Var.good = 0 ?><?cs if:Page.whole.last.good ?><?cs set:Var.good = 1 ?><?cs /if ?>
<section class="card" aria-labelledby="whole"><h2 class="card-title" id="whole"><?cs var:T.whole.title ?><?cs if:?Page.whole.last.at ?> <?cs if:Var.good ?><?cs call:badge("success", T.whole.good) ?><?cs else ?><?cs call:badge("danger", T.whole.bad) ?><?cs /if ?><?cs /if ?></h2>
	<p class="quiet"><?cs var:T.whole.lead ?></p>
	<?cs if:?Page.whole.last.at ?>
	<?cs if:subcount(Page.whole.last.findings) ?><ul class="rows"><?cs each:f = Page.whole.last.findings ?><li><div><strong><?cs var:f.label ?></strong><span class="cell-lines quiet"><?cs if:?f.month ?><?cs var:T.months.month ?> <?cs var:f.month ?><?cs /if ?><?cs if:?f.when ?> · <?cs var:fill(T.whole.sealed_on, f.when) ?><?cs /if ?><?cs if:?f.sealed ?> · <?cs var:fill(T.whole.sealed, thousands(f.sealed)) ?><?cs /if ?><?cs if:?f.found ?> · <?cs var:fill(T.whole.found, thousands(f.found)) ?><?cs /if ?></span></div></li><?cs /each ?></ul><?cs if:#Page.whole.last.findings_total > #100 ?><p><?cs var:fill(T.whole.findings_total, thousands(Page.whole.last.findings_total)) ?></p><?cs /if ?><?cs /if ?>
	<dl class="facts facts-small">
		<div><dt><?cs var:T.whole.when ?></dt><dd><?cs var:Page.whole.last.when ?><?cs if:string.length(Page.whole.last.by) ?> · <?cs var:Page.whole.last.by ?><?cs /if ?></dd></div>
		<div><dt><?cs var:T.whole.events ?></dt><dd><?cs var:thousands(Page.whole.last.events) ?></dd></div>
		<div><dt><?cs var:T.whole.unsealed ?></dt><dd><?cs var:thousands(Page.whole.last.unsealed) ?></dd></div>
		<?cs if:#Page.whole.last.months_gone > #0 ?><div><dt><?cs var:T.whole.months_gone ?></dt><dd><?cs var:Page.whole.last.months_gone ?></dd></div><?cs /if ?>
		<?cs if:#Page.whole.last.lost > #0 ?><div><dt><?cs var:T.whole.lost ?></dt><dd><?cs var:thousands(Page.whole.last.lost) ?></dd></div><?cs /if ?>
		<?cs if:string.length(Page.whole.last.head) ?><div><dt><?cs var:T.whole.head ?></dt><dd><code class="break"><?cs var:Page.whole.last.head ?></code></dd></div><?cs /if ?>
	</dl>
	<?cs else ?><p><?cs var:T.whole.never ?></p><?cs /if ?>
	<?cs if:?Page.whole.running ?><p><a href="/jobs/<?cs var:Page.whole.running ?>"><?cs var:T.whole.running ?></a></p><?cs else ?><form method="post" action="/settings/audit/verify" class="form-actions"><?cs call:form_hidden() ?><button class="button" type="submit"><?cs call:icon("security") ?><span><?cs var:T.whole.verify ?></span></button></form><?cs /if ?>
</section>
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
