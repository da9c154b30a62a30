<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The heading of a section of an export. ?>
<h2 id="<?cs var:Page.name ?>"><?cs var:Page.title ?><?cs if:Page.count ?> <span class="count"><?cs var:thousands(Page.count) ?></span><?cs /if ?></h2>
<?cs if:Page.count == "0" ?><?cs if:Page.name != "legend" ?><p class="none"><?cs var:T.export.none ?></p><?cs /if ?><?cs /if ?>
