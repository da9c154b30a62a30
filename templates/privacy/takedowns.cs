<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Notices to take something down: Data.items. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs if:subcount(Data.items) ?><div class="card"><ul class="rows"><?cs each:t = Data.items ?><li><div><a href="<?cs var:path(t.url) ?>"><?cs var:t.reference ?></a> <?cs call:badge(t.badge, t.badge_text) ?>
	<p class="quiet"><?cs var:t.from ?> · <?cs var:T.takedown.deadline ?>: <?cs var:t.deadline ?></p></div><span class="meta"><?cs var:thousands(t.count) ?></span></li><?cs /each ?></ul></div>
<?cs else ?><div class="card"><?cs call:empty("privacy", T.takedown.empty, T.takedown.empty_help) ?></div><?cs /if ?>
<?cs call:pager() ?>
<?cs call:page_end() ?>
