<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One record of any kind: its fields, what happened, what belongs to it. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<div class="split">
<div class="split-side">
	<?cs each:g = Page.groups ?><section class="card" aria-labelledby="g-<?cs var:g.name ?>">
		<h2 class="card-title" id="g-<?cs var:g.name ?>"><?cs var:g.label ?></h2>
		<?cs call:definitions(g.fields) ?>
	</section><?cs /each ?>
	<?cs call:marks_legend() ?>
	<?cs each:p = Page.panels ?><?cs call:panel(p) ?><?cs /each ?>
</div>
<section class="split-main" aria-labelledby="timeline">
	<h2 class="visually-hidden" id="timeline"><?cs var:T.record.timeline ?></h2>
	<?cs if:subcount(Page.compose) ?><div class="compose card">
		<?cs each:k = Page.compose ?><a class="button" href="<?cs var:path(k.url) ?>"><?cs call:icon(k.key) ?><span><?cs var:k.label ?></span></a><?cs /each ?>
	</div><?cs /if ?>
	<?cs if:subcount(Page.timeline) ?><?cs call:timeline(Page.timeline) ?>
	<?cs elif:?Page.timeline_newest ?><div class="card"><?cs call:empty("clock", T.record.timeline_end, T.record.timeline_end_help) ?></div>
	<?cs else ?><div class="card"><?cs call:empty("clock", T.record.timeline_empty, T.record.timeline_empty_help) ?></div><?cs /if ?>
	<?cs call:timeline_pager() ?>
</section>
</div>
<?cs call:page_end() ?>
