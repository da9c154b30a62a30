<?cs # SPDX-License-Identifier: ISC ?>
<?cs # How a request stands, for who made it, by a secret link; Page.confirm, Page.upload: what the link is for. ?>
<?cs call:page_begin(T.intake.status_title) ?>
<div class="heading"><h1><?cs var:fill(T.intake.status_of, Data.reference) ?></h1></div>
<div class="form-column">
<?cs call:form_error() ?>
<?cs if:Page.confirm ?><form class="card" method="post" action="<?cs var:path(Page.url) ?>/confirm"><p class="lead"><?cs var:T.intake.confirm_lead ?></p><?cs call:form_hidden() ?><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.intake.confirm ?></button></div></form><?cs /if ?>
<?cs if:Page.upload ?><form class="card" method="post" action="<?cs var:path(Page.url) ?>/upload" enctype="multipart/form-data"><h2 class="card-title"><?cs var:T.intake.upload ?></h2><p class="note"><?cs var:T.intake.upload_lead ?></p><?cs call:form_hidden() ?><?cs call:fields(Page.file) ?><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.intake.upload ?></button></div></form><?cs /if ?>
<section class="card"><dl class="definitions">
	<dt><?cs var:T.intake.kind_asked ?></dt><dd><?cs var:Page.kind ?></dd>
	<dt><?cs var:T.requests.reference_title ?></dt><dd><?cs var:Data.reference ?></dd>
	<dt><?cs var:T.requests.received_title ?></dt><dd><?cs var:Page.received ?></dd>
	<dt><?cs var:T.intake.answer_by ?></dt><dd><?cs var:Page.last_day ?></dd>
	<dt><?cs var:T.intake.state ?></dt><dd><?cs if:Data.closed ?><?cs var:T.intake.state_closed ?><?cs else ?><?cs var:T.intake.state_open ?><?cs /if ?></dd>
	<dt><?cs var:T.intake.email_title ?></dt><dd><?cs if:Data.email_confirmed ?><?cs var:T.intake.email_confirmed ?><?cs else ?><?cs var:T.intake.email_unconfirmed ?><?cs /if ?></dd>
</dl><p class="note"><?cs var:T.intake.keep_link ?></p></section>
</div>
<?cs call:page_end() ?>
