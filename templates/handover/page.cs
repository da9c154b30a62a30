<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A file waits for who has the link: first a code by mail (Data.code_sent), then the file. ?>
<?cs call:page_begin(T.handover.title) ?>
<h1><?cs var:T.handover.title ?></h1>
<p><?cs var:fill(T.handover.lead, Chrome.workspace.name) ?> <?cs var:fill(T.handover.until, Page.until) ?> (<?cs var:Page.size ?>)</p>
<div class="form-column">
<?cs call:form_error() ?>
<?cs if:Data.code_sent ?><form class="card" method="post" action="<?cs var:path(Page.url) ?>"><p class="note"><?cs var:T.handover.code_lead ?></p><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><?cs call:fields(Page.code) ?><div class="form-actions"><button class="button button-primary" type="submit"><?cs call:icon("download") ?><span><?cs var:T.handover.fetch ?></span></button></div></form><?cs /if ?>
<form class="card" method="post" action="<?cs var:path(Page.url) ?>/code"><p class="note"><?cs var:T.handover.ask_lead ?></p><?cs call:form_hidden() ?><div class="form-actions"><button class="button<?cs if:!Data.code_sent ?> button-primary<?cs /if ?>" type="submit"><?cs if:Data.code_sent ?><?cs var:T.handover.ask_again ?><?cs else ?><?cs var:T.handover.ask ?><?cs /if ?></button></div></form>
</div>
<?cs call:page_end() ?>
