<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The workspace itself, and its end: Page.state active, asked, closing; Page.closer 1: the reader may. ?>
<?cs call:page_begin(Page.title) ?>
<div class="narrow">
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<section class="card" aria-labelledby="where">
	<h2 class="card-title" id="where"><?cs var:Data.name ?></h2>
	<p><?cs var:T.closing.address ?>: <?cs var:Data.slug ?></p>
	<p><?cs var:T.closing.region ?>: <?cs var:T.region[Data.region] ?></p>
</section>
<?cs if:Page.state == "closing" ?><?cs call:flash("warning", Page.ends) ?>
<?cs if:Page.closer ?><form class="card" method="post" action="/workspace/reopen"><?cs call:form_hidden() ?><p><?cs var:T.closing.reopen_text ?></p><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.closing.reopen ?></button></div></form><?cs /if ?>
<?cs elif:Page.closer ?>
<?cs if:Page.state == "asked" ?><?cs call:flash("warning", Page.asked) ?>
<form class="card" method="post" action="/workspace/reopen"><?cs call:form_hidden() ?><p><?cs var:T.closing.not_yet ?></p><div class="form-actions"><button class="button" type="submit"><?cs var:T.closing.take_back ?></button></div></form><?cs /if ?>
<form class="card" method="post" action="/workspace/close" aria-labelledby="close">
	<h2 class="card-title" id="close"><?cs var:T.closing.close ?></h2>
	<?cs call:form_hidden() ?>
	<p class="lead"><?cs var:T.closing.lead ?></p>
	<ul class="points"><li><?cs var:T.closing.point_read ?></li><li><?cs var:T.closing.point_law ?></li><li><?cs var:T.closing.point_mails ?></li><li><?cs var:T.closing.point_gone ?></li><li><?cs var:T.closing.point_kept ?></li></ul>
	<p><a href="/workspace/exports"><?cs var:T.closing.export_first ?></a></p>
	<?cs if:Page.requests ?><?cs call:flash("danger", T.error.closing_requests) ?><p><a href="/privacy/requests"><?cs var:T.requests.title ?></a></p><?cs elif:Page.mine ?><?cs call:flash("info", T.error.closing_second) ?><?cs else ?><?cs call:fields(Page.fields) ?>
	<div class="form-actions"><button class="button button-danger" type="submit"><?cs var:T.closing.close ?></button></div><?cs /if ?>
</form><?cs /if ?>
</div>
<?cs call:page_end() ?>
