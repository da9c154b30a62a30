<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Who has seen a person's data, day by day. ?>
<?cs call:page_begin(T.action.viewers) ?>
<nav class="crumbs" aria-label="<?cs var:T.chrome.crumbs ?>"><ol><li><a href="/contacts/<?cs var:Page.contact_id ?>"><?cs var:T.entity.contact.one ?> <?cs var:Page.contact_id ?></a><?cs call:icon("right") ?></li></ol></nav>
<?cs call:heading(T.action.viewers) ?>
<?cs if:subcount(Data.items) ?>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.action.viewers ?>"><table class="table">
<thead><tr><th scope="col"><?cs var:T.audit.when ?></th><th scope="col"><?cs var:T.audit.who ?></th><th scope="col"><?cs var:T.audit.what ?></th><th scope="col" class="end"><?cs var:T.audit.times ?></th><th scope="col"><?cs var:T.audit.fields ?></th></tr></thead>
<tbody>
<?cs each:e = Data.items ?><tr>
<td data-label="<?cs var:T.audit.when ?>"><?cs var:e.when ?></td>
<td data-label="<?cs var:T.audit.who ?>"><?cs var:e.who ?></td>
<td data-label="<?cs var:T.audit.what ?>"><?cs var:e.action_label ?></td>
<td class="end" data-label="<?cs var:T.audit.times ?>"><?cs var:thousands(e.count) ?></td>
<td class="wrap" data-label="<?cs var:T.audit.fields ?>"><span class="quiet"><?cs each:f = e.fields ?><?cs var:f ?><?cs if:!last(f) ?>, <?cs /if ?><?cs /each ?></span></td>
</tr>
<?cs /each ?></tbody>
</table></div></div>
<?cs else ?><div class="card"><?cs call:empty("eye", T.audit.empty, "") ?></div><?cs /if ?>
<?cs call:page_end() ?>
