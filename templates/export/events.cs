<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Events of the log in an export, oldest first. ?>
<table class="history">
<thead><tr><th><?cs var:T.audit.when ?></th><th><?cs var:T.audit.who ?></th><th><?cs var:T.audit.what ?></th><th><?cs var:T.audit.fields ?></th></tr></thead>
<tbody>
<?cs each:e = Page.items ?><tr><td><?cs var:e.when ?></td><td><?cs var:e.who ?></td><td><?cs var:e.action ?><?cs if:string.length(e.entity) ?>: <?cs var:e.entity ?><?cs /if ?><?cs if:string.length(e.outcome) ?> <span class="mark"><?cs var:e.outcome ?></span><?cs /if ?><?cs if:string.length(e.reason) ?><br><?cs var:e.reason ?><?cs /if ?></td>
<td><?cs if:subcount(e.changes) ?><ul class="changes"><?cs each:c = e.changes ?><li><?cs var:c.label ?>: <del><?cs var:c.before ?></del> <ins><?cs var:c.after ?></ins></li><?cs /each ?></ul><?cs else ?><?cs var:e.fields ?><?cs /if ?></td></tr>
<?cs /each ?></tbody>
</table>
