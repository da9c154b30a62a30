<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Alerts: Data.items, the newest first. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs if:subcount(Data.items) ?><div class="card"><ul class="rows"><?cs each:a = Data.items ?><li><div><a href="<?cs var:path(a.url) ?>"><?cs var:a.label ?></a> <?cs if:!string.length(a.seen) ?><?cs call:badge("warning", T.watch.new) ?><?cs /if ?>
	<p class="quiet"><?cs var:a.raised ?><?cs if:string.length(a.who) ?> · <?cs var:a.who ?><?cs /if ?> · <?cs var:thousands(a.count) ?></p>
	<?cs if:string.length(a.seen) ?><p class="quiet"><?cs var:fill(T.watch.seen_at, a.seen) ?><?cs if:string.length(a.seen_by) ?> <?cs var:fill(T.record.by, a.seen_by) ?><?cs /if ?></p><?cs /if ?></div>
	<?cs if:!string.length(a.seen) ?><form method="post" action="/audit/alerts/<?cs var:a.id ?>/seen"><?cs call:form_hidden() ?><button class="button button-small" type="submit"><?cs var:T.watch.mark_seen ?><span class="visually-hidden"> <?cs var:a.label ?> <?cs var:a.raised ?></span></button></form><?cs /if ?></li><?cs /each ?></ul></div>
<?cs else ?><div class="card"><?cs call:empty("audit", T.watch.empty, T.watch.empty_help) ?></div><?cs /if ?>
<?cs call:pager() ?>
<?cs call:page_end() ?>
