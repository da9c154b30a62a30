<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The first page: what waits for the reader, and a few numbers to compare. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs if:?Page.setup_url ?><ul class="choices"><li><a class="card choice" href="<?cs var:path(Page.setup_url) ?>"><?cs call:icon("clock") ?><span class="choice-text"><strong><?cs var:T.setup.title ?></strong><span class="quiet"><?cs var:Page.setup ?></span></span><?cs call:icon("right") ?></a></li></ul><?cs /if ?>
<ul class="numbers">
	<?cs each:n = Page.numbers ?><li class="card">
		<p class="number"><?cs if:?n.count ?><?cs var:thousands(n.count) ?><?cs if:n.more ?>+<?cs /if ?><?cs else ?><?cs var:n.text ?><?cs /if ?></p>
		<p class="quiet"><?cs if:?n.url ?><a href="<?cs var:path(n.url) ?>"><?cs var:n.label ?></a><?cs else ?><?cs var:n.label ?><?cs /if ?></p>
	</li><?cs /each ?>
</ul>
<div class="boards">
<?cs if:?Page.alerts_url ?><section class="card panel" aria-labelledby="alerts">
	<div class="card-head"><h2 id="alerts"><a href="<?cs var:path(Page.alerts_url) ?>"><?cs var:T.dashboard.alerts ?></a></h2></div>
	<ul class="panel-rows"><?cs each:a = Page.alerts ?><li><div><?cs var:a.text ?></div><span class="meta"><?cs var:a.when ?></span></li><?cs /each ?></ul>
</section><?cs /if ?>
<section class="card panel" aria-labelledby="tasks">
	<div class="card-head"><h2 id="tasks"><?cs var:T.dashboard.my_tasks ?></h2></div>
	<?cs if:subcount(Page.tasks) ?><ul class="panel-rows"><?cs each:t = Page.tasks ?><li>
		<div><a href="<?cs var:path(t.url) ?>"><?cs var:t.title ?></a><?cs if:t.late ?> <?cs call:badge("danger", T.dashboard.late) ?><?cs elif:t.today ?> <?cs call:badge("warning", T.dashboard.today) ?><?cs /if ?>
			<p class="quiet"><a href="<?cs var:path(t.who_url) ?>"><?cs var:t.who ?></a><?cs if:string.length(t.due) ?> · <?cs var:fill(T.dashboard.due, t.due) ?><?cs /if ?></p></div>
		<?cs if:?t.done_url ?><form method="post" action="<?cs var:path(t.done_url) ?>"><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><input type="hidden" name="_version" value="<?cs var:t.version ?>"><input type="hidden" name="home" value="1"><button class="button button-small" type="submit"><?cs call:icon("done") ?><span><?cs var:T.action.done ?></span><span class="visually-hidden"> <?cs var:t.title ?></span></button></form><?cs /if ?></li><?cs /each ?></ul>
	<?cs if:?Page.tasks_url ?><p class="panel-more"><a href="<?cs var:path(Page.tasks_url) ?>"><?cs var:T.dashboard.all_tasks ?></a></p><?cs /if ?>
	<?cs else ?><p class="panel-empty"><?cs var:T.dashboard.no_tasks ?></p><?cs /if ?>
</section>
<section class="card panel" aria-labelledby="recent">
	<div class="card-head"><h2 id="recent"><?cs var:T.dashboard.recent ?></h2></div>
	<?cs if:subcount(Page.recent) ?><ul class="panel-rows"><?cs each:r = Page.recent ?><li>
		<div><a href="<?cs var:path(r.url) ?>"><?cs var:r.title ?></a><?cs if:string.length(r.text) ?> <span class="quiet"><?cs var:r.text ?></span><?cs /if ?></div>
		<span class="meta"><?cs var:r.when ?></span></li><?cs /each ?></ul>
	<?cs else ?><p class="panel-empty"><?cs var:T.dashboard.no_recent ?></p><?cs /if ?>
</section>
<?cs if:?Page.requests_url ?><section class="card panel" aria-labelledby="requests">
	<div class="card-head"><h2 id="requests"><a href="<?cs var:path(Page.requests_url) ?>"><?cs var:T.requests.title ?></a></h2></div>
	<?cs if:subcount(Page.requests) ?><ul class="panel-rows"><?cs each:r = Page.requests ?><li>
		<div><a href="<?cs var:path(r.url) ?>"><?cs var:r.reference ?></a><?cs if:r.late ?> <?cs call:badge("danger", T.requests.badge.overdue) ?><?cs elif:?r.soon ?> <?cs call:badge("warning", r.soon) ?><?cs /if ?> <span class="quiet"><?cs var:r.kind ?></span></div>
		<span class="meta"><?cs var:r.due ?></span></li><?cs /each ?></ul>
	<?cs else ?><p class="panel-empty"><?cs var:T.requests.empty ?></p><?cs /if ?>
</section><?cs /if ?>
</div>
<?cs if:subcount(Page.chart.bars) ?><section class="card" aria-labelledby="chart">
	<div class="card-head"><h2 id="chart"><?cs var:T.dashboard.messages ?></h2>
		<p class="chart-key"><span class="key-in"></span> <?cs var:T.dashboard.received ?> <span class="key-out"></span> <?cs var:T.dashboard.sent ?></p></div>
	<?cs if:Page.chart.total ?><div class="chart-box" tabindex="0" role="region" aria-labelledby="chart"><svg class="chart" viewBox="0 0 <?cs var:Page.chart.width ?> <?cs var:Page.chart.height ?>" role="img" aria-labelledby="chart">
		<?cs each:b = Page.chart.bars ?><g><title><?cs var:b.week ?>: <?cs var:b.in ?> / <?cs var:b.out ?></title>
			<rect class="bar-in" x="<?cs var:b.x ?>" y="<?cs var:b.in_y ?>" width="<?cs var:Page.chart.bar ?>" height="<?cs var:b.in_height ?>"></rect>
			<rect class="bar-out" x="<?cs var:b.x ?>" y="<?cs var:b.out_y ?>" width="<?cs var:Page.chart.bar ?>" height="<?cs var:b.out_height ?>"></rect>
			<?cs if:b.total ?><text class="bar-text" x="<?cs var:b.middle ?>" y="<?cs var:b.text_y ?>"><?cs var:thousands(b.total) ?></text><?cs /if ?>
			<text class="bar-label" x="<?cs var:b.middle ?>" y="<?cs var:Page.chart.label_y ?>"><?cs var:b.label ?></text></g>
		<?cs /each ?><line class="axis" x1="0" y1="<?cs var:Page.chart.foot ?>" x2="<?cs var:Page.chart.width ?>" y2="<?cs var:Page.chart.foot ?>"></line>
	</svg></div>
	<?cs else ?><p class="panel-empty"><?cs var:T.dashboard.no_messages ?></p><?cs /if ?>
	<table class="visually-hidden"><caption><?cs var:T.dashboard.messages ?></caption>
		<thead><tr><th scope="col"><?cs var:T.dashboard.week ?></th><th scope="col"><?cs var:T.dashboard.received ?></th><th scope="col"><?cs var:T.dashboard.sent ?></th></tr></thead>
		<tbody><?cs each:b = Page.chart.bars ?><tr><th scope="row"><?cs var:b.week ?></th><td><?cs var:b.in ?></td><td><?cs var:b.out ?></td></tr><?cs /each ?></tbody></table>
</section><?cs /if ?>
<?cs call:page_end() ?>
