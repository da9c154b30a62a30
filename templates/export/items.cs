<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Records of an export: facts, long texts, lines of an invoice, the file itself. ?>
<?cs each:item = Page.items ?>
<article id="<?cs var:item.anchor ?>">
<h3><?cs var:item.title ?><?cs if:item.archived ?> <span class="mark"><?cs var:T.export.archived ?></span><?cs /if ?></h3>
<dl>
<dt><?cs var:T.export.number ?></dt><dd><?cs var:item.id ?></dd>
<?cs each:f = item.facts ?><dt><?cs var:f.label ?></dt><dd><?cs var:f.text ?><?cs if:f.encrypted ?> <span class="mark"><?cs var:T.badge.encrypted ?></span><?cs /if ?></dd>
<?cs /each ?><dt><?cs var:T.export.recorded ?></dt><dd><?cs var:item.created ?></dd>
<?cs if:string.length(item.entry) ?><dt><?cs var:T.entity.attachment.one ?></dt><dd><a href="./attachments/<?cs var:url_escape(item.entry) ?>"><?cs var:item.entry ?></a></dd><?cs /if ?>
</dl>
<?cs each:t = item.texts ?><h4><?cs var:t.label ?></h4><div class="text"><?cs var:t.text ?></div>
<?cs /each ?>
<?cs if:subcount(item.lines) ?><table><thead><tr><th><?cs var:T.export.line ?></th><th class="end"><?cs var:T.export.quantity ?></th><th class="end"><?cs var:T.export.unit ?></th><th class="end"><?cs var:T.export.amount ?></th></tr></thead><tbody>
<?cs each:l = item.lines ?><tr><td><?cs var:l.description ?></td><td class="end"><?cs var:l.quantity ?></td><td class="end"><?cs var:l.unit ?></td><td class="end"><?cs var:l.amount ?></td></tr>
<?cs /each ?></tbody></table><?cs /if ?>
</article>
<?cs /each ?>
