<?cs # SPDX-License-Identifier: ISC ?>
<?cs # To whom data of the person was given: Page.items.N.day source recipient purpose fields who. ?>
<table class="history">
<thead><tr><th><?cs var:T.disclosures.on ?></th><th><?cs var:T.disclosures.recipient ?></th><th><?cs var:T.disclosures.purpose ?></th><th><?cs var:T.disclosures.what ?></th></tr></thead>
<tbody>
<?cs each:d = Page.items ?><tr><td><?cs var:d.day ?></td><td><?cs var:d.recipient ?><br><span class="mark"><?cs var:d.source ?></span><?cs if:string.length(d.who) ?> <?cs var:d.who ?><?cs /if ?></td><td><?cs var:d.purpose ?></td><td><?cs var:d.fields ?></td></tr>
<?cs /each ?></tbody>
</table>
