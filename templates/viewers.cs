<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Who has seen a person's data (Page.contact_id), day by day: Data.items. ?>
<?cs call:page_begin(T.viewers.title) ?>
<?cs call:heading(T.viewers.title) ?>
<p class="intro"><?cs var:T.viewers.lead ?></p>
<?cs if:subcount(Data.items) ?>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.viewers.title ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.viewers.day ?></th><th scope="col"><?cs var:T.audit.who ?></th><th scope="col"><?cs var:T.audit.what ?></th><th scope="col" class="end"><?cs var:T.viewers.times ?></th><th scope="col"><?cs var:T.audit.fields ?></th></tr></thead>
<tbody>
<?cs each:e = Data.items ?><tr>
<td class="nowrap" data-label="<?cs var:T.viewers.day ?>"><?cs var:e.when ?></td>
<td data-label="<?cs var:T.audit.who ?>"><?cs var:e.who ?></td>
<td data-label="<?cs var:T.audit.what ?>"><?cs call:badge(e.action_kind, e.action_label) ?></td>
<td class="end" data-label="<?cs var:T.viewers.times ?>"><?cs var:thousands(e.count) ?></td>
<td class="wide-cell" data-label="<?cs var:T.audit.fields ?>"><?cs if:subcount(e.fields) > #6 ?><details class="event-details"><summary><?cs var:fill(T.viewers.fields, subcount(e.fields)) ?></summary><p class="quiet"><?cs each:f = e.fields ?><?cs var:f ?><?cs if:!last(f) ?><?cs var:T.common.separator ?> <?cs /if ?><?cs /each ?></p></details><?cs else ?><span class="quiet"><?cs each:f = e.fields ?><?cs var:f ?><?cs if:!last(f) ?><?cs var:T.common.separator ?> <?cs /if ?><?cs /each ?></span><?cs /if ?></td>
</tr>
<?cs /each ?></tbody>
</table></div></div>
<?cs else ?><div class="card"><?cs call:empty("eye", T.viewers.empty, "") ?></div><?cs /if ?>
<nav class="pager" aria-label="<?cs var:T.list.pages ?>"><?cs if:Page.paged ?><a class="button" href="?"><?cs call:icon("first") ?><span><?cs var:T.list.first ?></span></a><?cs else ?><span></span><?cs /if ?>
<?cs if:?Data.next ?><a class="button" rel="next" href="?after=<?cs var:url_escape(Data.next) ?>"><span><?cs var:T.viewers.earlier ?></span><?cs call:icon("right") ?></a><?cs /if ?></nav>
<p class="pager"><a class="button" href="/contacts/<?cs var:Page.contact_id ?>/audit/print"><?cs call:icon("download") ?><span><?cs var:T.audit.print_open ?></span></a><a class="button" href="/contacts/<?cs var:Page.contact_id ?>/audit"><?cs call:icon("audit") ?><span><?cs var:T.audit.person ?></span></a></p>
<?cs call:page_end() ?>
