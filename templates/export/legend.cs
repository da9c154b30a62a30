<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The codes of data.json and the CSV files, and what they mean. ?>
<p><?cs var:T.export.legend_lead ?></p>
<table>
<thead><tr><th><?cs var:T.export.code ?></th><th><?cs var:T.export.meaning ?></th></tr></thead>
<tbody>
<?cs each:r = Page.rows ?><tr><td><code><?cs var:r.code ?></code></td><td><?cs var:r.text ?></td></tr>
<?cs /each ?></tbody>
</table>
