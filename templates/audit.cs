<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The audit log: of everybody, or of one person (Page.contact_id). Data.items: events. ?>
<?cs def:audit_input(n, label, type, mode) ?><div class="field<?cs if:string.length(Page.errors[n]) ?> wrong<?cs /if ?>"><label class="label" for="f-<?cs var:n ?>"><?cs var:label ?></label><input class="input" type="<?cs var:type ?>" id="f-<?cs var:n ?>" name="<?cs var:n ?>" value="<?cs var:Page.values[n] ?>" maxlength="80" autocomplete="off"<?cs if:string.length(mode) ?> inputmode="<?cs var:mode ?>"<?cs /if ?><?cs if:string.length(Page.errors[n]) ?> aria-invalid="true" aria-describedby="n-<?cs var:n ?>"<?cs /if ?>><?cs if:string.length(Page.errors[n]) ?><div class="note" id="n-<?cs var:n ?>"><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors[n] ?></p></div><?cs /if ?></div><?cs /def ?>
<?cs def:audit_select(n, label, options) ?><div class="field"><label class="label" for="f-<?cs var:n ?>"><?cs var:label ?></label><select class="input" id="f-<?cs var:n ?>" name="<?cs var:n ?>"><option value=""><?cs var:T.common.any ?></option><?cs each:o = options ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?></select></div><?cs /def ?>
<?cs if:?Page.contact_id ?><?cs set:Var.title = T.audit.person ?><?cs else ?><?cs set:Var.title = T.audit.title ?><?cs /if ?>
<?cs call:page_begin(Var.title) ?>
<?cs call:heading(Var.title) ?>
<p class="intro"><?cs var:T.audit.lead ?></p>
<?cs if:Page.own ?><p class="note"><?cs var:T.audit.own ?></p><?cs /if ?>
<?cs call:form_error() ?>
<?cs call:tabs(Page.views, T.audit.views) ?>
<form role="search" method="get" action="<?cs var:path(Chrome.path) ?>" class="search-line"><div class="field<?cs if:string.length(Page.errors.q) ?> wrong<?cs /if ?>"><label class="label" for="f-q"><?cs var:T.audit.line ?></label><input class="input" type="search" id="f-q" name="q" value="<?cs var:Page.line ?>" maxlength="500" autocomplete="off" spellcheck="false" aria-describedby="n-q"<?cs if:string.length(Page.errors.q) ?> aria-invalid="true"<?cs /if ?>><div class="note" id="n-q"><?cs if:string.length(Page.errors.q) ?><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.q ?></p><?cs /if ?><p class="quiet"><?cs var:T.audit.line_help ?></p></div></div><div class="form-actions"><button class="button" type="submit"><?cs var:T.audit.find ?></button></div></form>
<details class="card fold"<?cs if:subcount(Page.values) ?> open<?cs /if ?>><summary class="card-title"><?cs call:icon("filter") ?><?cs var:T.list.filters ?><?cs if:subcount(Page.values) ?> <span class="count"><?cs var:subcount(Page.values) ?></span><?cs /if ?></summary>
<form role="search" method="get" action="<?cs var:path(Chrome.path) ?>">
	<div class="filters-grid">
		<?cs call:audit_input("from", T.audit.from, "date", "") ?>
		<?cs call:audit_input("to", T.audit.to, "date", "") ?>
		<?cs call:audit_select("action", T.audit.what, Page.action_options) ?>
		<?cs if:subcount(Page.actor_options) ?><?cs call:audit_select("actor", T.audit.who, Page.actor_options) ?><?cs /if ?>
		<?cs if:!?Page.contact_id ?><?cs call:audit_input("contact", T.audit.person_number, "text", "numeric") ?><?cs /if ?>
		<?cs call:audit_select("entity", T.audit.entity, Page.entity_options) ?>
		<?cs call:audit_input("field", T.audit.field, "text", "") ?>
		<?cs call:audit_select("outcome", T.audit.outcome, Page.outcome_options) ?>
		<?cs call:audit_input("ip", T.audit.ip, "text", "") ?>
		<?cs call:audit_input("session", T.audit.session, "text", "numeric") ?>
		<?cs call:audit_input("record", T.audit.record, "text", "numeric") ?>
	</div>
	<?cs if:string.length(Page.values.view) ?><input type="hidden" name="view" value="<?cs var:Page.values.view ?>"><?cs /if ?>
	<div class="form-actions"><button class="button" type="submit"><?cs call:icon("filter") ?><span><?cs var:T.list.apply ?></span></button><?cs if:subcount(Page.values) ?><a class="button button-quiet" href="<?cs var:path(Chrome.path) ?>"><?cs var:T.list.clear ?></a><?cs /if ?></div>
</form></details>
<?cs if:Page.chart.total ?><section class="card" aria-labelledby="chart">
	<div class="card-head"><h2 id="chart"><?cs var:T.audit.chart ?></h2><span class="quiet"><?cs var:Page.chart.first ?> – <?cs var:Page.chart.last ?></span></div>
	<div class="chart-box" tabindex="0" role="region" aria-labelledby="chart"><svg class="chart" viewBox="0 0 <?cs var:Page.chart.width ?> <?cs var:Page.chart.height ?>" role="img" aria-labelledby="chart">
		<?cs each:b = Page.chart.bars ?><g><title><?cs var:b.label ?>: <?cs var:thousands(b.n) ?></title><rect class="bar-in" x="<?cs var:b.x ?>" y="<?cs var:b.y ?>" width="<?cs var:Page.chart.bar ?>" height="<?cs var:b.height ?>"></rect></g>
		<?cs /each ?><line class="axis" x1="0" y1="<?cs var:Page.chart.foot ?>" x2="<?cs var:Page.chart.width ?>" y2="<?cs var:Page.chart.foot ?>"></line>
	</svg></div>
	<table class="visually-hidden"><caption><?cs var:T.audit.chart ?></caption>
		<thead><tr><th scope="col"><?cs var:T.viewers.day ?></th><th scope="col"><?cs var:T.audit.events ?></th></tr></thead>
		<tbody><?cs each:b = Page.chart.bars ?><tr><th scope="row"><?cs var:b.label ?></th><td><?cs var:thousands(b.n) ?></td></tr><?cs /each ?></tbody></table>
</section><?cs /if ?>
<?cs if:subcount(Data.items) ?>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:Var.title ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.audit.when ?></th><th scope="col"><?cs var:T.audit.who ?></th><th scope="col"><?cs var:T.audit.what ?></th><th scope="col"><?cs var:T.audit.whose ?></th><th scope="col"><?cs var:T.audit.details ?></th><th scope="col"><?cs var:T.audit.from_where ?></th></tr></thead>
<tbody>
<?cs each:e = Data.items ?><tr>
<td class="nowrap" data-label="<?cs var:T.audit.when ?>"><a href="<?cs var:path(e.url) ?>"><time datetime="<?cs var:e.at ?>"><?cs var:e.when ?></time></a></td>
<td data-label="<?cs var:T.audit.who ?>"><?cs if:?e.actor && e.actor_kind == "user" ?><a href="/audit?actor=<?cs var:e.actor ?>"><?cs var:e.who ?></a><?cs else ?><?cs var:e.who ?><?cs /if ?></td>
<td data-label="<?cs var:T.audit.what ?>"><span class="cell-lines"><span><?cs call:badge(e.action_kind, e.action_label) ?><?cs if:e.outcome != "ok" ?> <?cs call:badge("danger", T.audit.outcome_label[e.outcome]) ?><?cs /if ?></span><?cs if:string.length(e.entity_label) || string.length(e.reason_label) ?><span class="quiet"><?cs var:e.entity_label ?><?cs if:string.length(e.entity_label) && string.length(e.reason_label) ?> · <?cs /if ?><?cs var:e.reason_label ?></span><?cs /if ?></span></td>
<td data-label="<?cs var:T.audit.whose ?>"><?cs if:?e.subject_url ?><span class="cell-lines"><a href="<?cs var:path(e.subject_url) ?>"><?cs var:e.subject ?></a><?cs if:?e.more ?><span class="quiet"><?cs var:fill(T.audit.more, thousands(e.more)) ?></span><?cs /if ?></span><?cs else ?><span class="none">–</span><?cs /if ?></td>
<td class="wide-cell" data-label="<?cs var:T.audit.details ?>"><details class="event-details"><summary><?cs var:T.audit.details ?><span class="visually-hidden"> <?cs var:e.when ?></span></summary><?cs call:audit_facts(e) ?></details></td>
<td data-label="<?cs var:T.audit.from_where ?>"><span class="cell-lines"><?cs if:string.length(e.ip) ?><span class="nowrap"><?cs var:e.ip ?></span><?cs else ?><span class="none">–</span><?cs /if ?><span class="quiet"><?cs var:e.agent ?></span></span></td>
</tr>
<?cs /each ?></tbody>
</table></div></div>
<?cs elif:!string.length(Page.searched_to) && !subcount(Page.errors) ?><div class="card"><?cs call:empty("audit", T.audit.empty, T.audit.empty_help) ?></div><?cs /if ?>
<?cs if:string.length(Page.searched_to) ?><p class="note"><?cs var:fill(T.audit.searched_to, Page.searched_to) ?></p><?cs /if ?>
<nav class="pager" aria-label="<?cs var:T.list.pages ?>"><?cs if:Page.paged ?><a class="button" href="?<?cs each:v = Page.values ?><?cs var:url_escape(name(v)) ?>=<?cs var:url_escape(v) ?>&amp;<?cs /each ?>limit=50"><?cs call:icon("first") ?><span><?cs var:T.list.first ?></span></a><?cs else ?><span></span><?cs /if ?>
<?cs if:?Data.next ?><a class="button" rel="next" href="?after=<?cs var:url_escape(Data.next) ?><?cs each:v = Page.values ?>&amp;<?cs var:url_escape(name(v)) ?>=<?cs var:url_escape(v) ?><?cs /each ?>"><span><?cs var:T.audit.older ?></span><?cs call:icon("right") ?></a><?cs /if ?></nav>
<?cs call:page_end() ?>
