<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Privacy requests: Data.items as a table, or Page.columns as cards by state; what is open, as a chart. ?>
<?cs def:days(c) ?><?cs call:badge(c.badge.kind, c.badge.text) ?><?cs if:string.length(c.doubt) ?> <?cs call:badge("warning", c.doubt) ?><?cs /if ?><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs if:Page.chart.total ?><section class="card" aria-labelledby="chart">
	<div class="card-head"><h2 id="chart"><?cs var:T.requests.chart ?></h2></div>
	<div class="chart-box" tabindex="0" role="region" aria-labelledby="chart"><svg class="chart" viewBox="0 0 <?cs var:Page.chart.width ?> <?cs var:Page.chart.height ?>" role="img" aria-labelledby="chart">
		<?cs each:b = Page.chart.bars ?><g><title><?cs var:b.label ?>: <?cs var:b.n ?></title>
			<rect class="<?cs if:b.late ?>bar-late<?cs else ?>bar-in<?cs /if ?>" x="<?cs var:b.x ?>" y="<?cs var:b.y ?>" width="<?cs var:Page.chart.bar ?>" height="<?cs var:b.height ?>"></rect>
			<?cs if:b.n ?><text class="bar-text" x="<?cs var:b.middle ?>" y="<?cs var:b.text_y ?>"><?cs var:thousands(b.n) ?></text><?cs /if ?>
			<text class="bar-label" x="<?cs var:b.middle ?>" y="<?cs var:Page.chart.label_y ?>"><?cs var:b.label ?></text></g>
		<?cs /each ?><line class="axis" x1="0" y1="<?cs var:Page.chart.foot ?>" x2="<?cs var:Page.chart.width ?>" y2="<?cs var:Page.chart.foot ?>"></line>
	</svg></div>
	<table class="visually-hidden"><caption><?cs var:T.requests.chart ?></caption>
		<thead><tr><th scope="col"><?cs var:T.requests.last_day_title ?></th><th scope="col"><?cs var:T.requests.title ?></th></tr></thead>
		<tbody><?cs each:b = Page.chart.bars ?><tr><th scope="row"><?cs var:b.label ?></th><td><?cs var:b.n ?></td></tr><?cs /each ?></tbody></table>
</section><?cs /if ?>
<div class="tab-sets"><?cs call:tabs(Page.views, T.requests.state_title) ?>
<?cs call:tabs(Page.kinds, T.requests.kind_title) ?>
<?cs call:tabs(Page.who, T.requests.assignee_title) ?>
<?cs call:tabs(Page.shapes, T.requests.shape) ?></div>
<?cs if:Page.empty ?><div class="card"><?cs call:empty("privacy", T.requests.empty, T.requests.empty_help) ?></div><?cs /if ?>
<?cs if:subcount(Page.columns) ?><div class="boards">
<?cs each:s = Page.columns ?><section class="card panel" aria-label="<?cs var:s.label ?>">
	<div class="card-head"><h2><?cs var:s.label ?> <span class="count"><?cs var:subcount(s.cases) ?></span></h2></div>
	<ul class="panel-rows"><?cs each:c = s.cases ?><li><div><a href="<?cs var:path(c.url) ?>"><?cs var:c.reference ?></a> <?cs call:days(c) ?><p class="quiet"><?cs var:c.kind_word ?> · <?cs var:c.who ?></p></div><span class="meta"><?cs var:c.due ?></span></li><?cs /each ?></ul>
</section><?cs /each ?>
</div><?cs /if ?>
<?cs if:subcount(Data.items) ?><form method="post" action="/privacy/assign">
<?cs call:form_hidden() ?>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:Page.title ?>"><table class="table">
<thead><tr><?cs if:Page.bulk ?><th scope="col"><span class="visually-hidden"><?cs var:T.requests.choose ?></span></th><?cs /if ?><th scope="col"><?cs var:T.requests.reference_title ?></th><th scope="col"><?cs var:T.requests.kind_title ?></th><th scope="col"><?cs var:T.requests.name_title ?></th><th scope="col"><?cs var:T.requests.state_title ?></th><th scope="col"><?cs var:T.requests.received_title ?></th><th scope="col"><?cs var:T.requests.due_title ?></th><th scope="col"><?cs var:T.requests.last_day_title ?></th><th scope="col"><?cs var:T.requests.days_title ?></th><th scope="col"><?cs var:T.requests.assignee_title ?></th></tr></thead>
<tbody><?cs each:c = Data.items ?><tr>
<?cs if:Page.bulk ?><td><label class="check"><input type="checkbox" name="ids" value="<?cs var:c.id ?>"><span class="visually-hidden"><?cs var:c.reference ?></span></label></td><?cs /if ?>
<td data-label="<?cs var:T.requests.reference_title ?>"><a href="<?cs var:path(c.url) ?>"><?cs var:c.reference ?></a></td>
<td data-label="<?cs var:T.requests.kind_title ?>"><?cs var:c.kind_word ?></td>
<td data-label="<?cs var:T.requests.name_title ?>"><?cs var:c.who ?></td>
<td data-label="<?cs var:T.requests.state_title ?>"><?cs var:c.state_word ?></td>
<td data-label="<?cs var:T.requests.received_title ?>"><?cs var:c.received ?></td>
<td data-label="<?cs var:T.requests.due_title ?>"><?cs var:c.due ?></td>
<td data-label="<?cs var:T.requests.last_day_title ?>"><?cs var:c.last_day ?></td>
<td class="wrap" data-label="<?cs var:T.requests.days_title ?>"><?cs call:days(c) ?></td>
<td data-label="<?cs var:T.requests.assignee_title ?>"><?cs if:string.length(c.assignee) ?><?cs var:c.assignee ?><?cs else ?><span class="quiet">–</span><?cs /if ?></td>
</tr><?cs /each ?></tbody></table></div></div>
<?cs if:Page.bulk ?><div class="card"><div class="form-grid"><?cs call:fields(Page.assign) ?></div><div class="form-actions"><button class="button" type="submit"><?cs var:T.requests.assign_chosen ?></button></div></div><?cs /if ?>
</form><?cs /if ?>
<?cs call:pager() ?>
<?cs call:page_end() ?>
