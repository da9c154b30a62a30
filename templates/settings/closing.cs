<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The workspace itself, and its end: Page.state active, asked, closing; Page.origin its address; Page.closer 1: the reader may; Page.duties.N.title count until law text url. ?>
<?cs call:page_begin(Page.title) ?>
<div class="narrow">
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<section class="card" aria-labelledby="where">
	<h2 class="card-title" id="where"><?cs var:Data.name ?></h2>
	<p><?cs var:T.closing.address ?>: <?cs var:Page.origin ?></p>
	<p><?cs var:T.closing.region ?>: <?cs var:T.region[Data.region] ?></p>
</section>
<?cs if:Page.closer ?><section class="card" aria-labelledby="duties">
	<h2 class="card-title" id="duties"><?cs var:T.closing.duties ?></h2>
	<p class="lead"><?cs var:T.closing.duties_lead ?></p>
	<?cs each:d = Page.duties ?><div class="duty"><h3 class="card-title"><?cs if:string.length(d.url) ?><a href="<?cs var:path(d.url) ?>"><?cs var:d.title ?></a><?cs else ?><?cs var:d.title ?><?cs /if ?></h3>
	<dl class="facts facts-small">
		<div><dt><?cs var:T.closing.duty_count ?></dt><dd><?cs var:thousands(d.count) ?></dd></div>
		<?cs if:string.length(d.until) ?><div><dt><?cs var:T.closing.duty_until ?></dt><dd><?cs var:d.until ?></dd></div><?cs /if ?>
		<?cs if:string.length(d.law) ?><div><dt><?cs var:T.closing.duty_law ?></dt><dd><?cs var:d.law ?></dd></div><?cs /if ?>
	</dl>
	<p><?cs var:d.text ?></p></div><?cs /each ?>
	<form class="duty" method="post" action="/workspace/books"><?cs call:form_hidden() ?><p><?cs var:T.books.lead ?></p><div class="form-actions"><button class="button" type="submit"><?cs var:T.books.make ?></button></div></form>
</section><?cs /if ?>
<?cs if:Page.state == "closing" ?><?cs call:flash("warning", Page.ends) ?>
<?cs if:Page.closer ?><form class="card" method="post" action="/workspace/reopen"><?cs call:form_hidden() ?><p><?cs var:T.closing.reopen_text ?></p><p><a href="/workspace/exports"><?cs var:T.takeout.title ?></a></p><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.closing.reopen ?></button></div></form><?cs /if ?>
<?cs elif:Page.closer ?>
<?cs if:Page.state == "asked" ?><?cs call:flash("warning", Page.asked) ?>
<form class="card" method="post" action="/workspace/reopen"><?cs call:form_hidden() ?><p><?cs var:T.closing.not_yet ?></p><div class="form-actions"><button class="button" type="submit"><?cs var:T.closing.take_back ?></button></div></form><?cs /if ?>
<form class="card" method="post" action="/workspace/close" aria-labelledby="close">
	<h2 class="card-title" id="close"><?cs var:T.closing.close ?></h2>
	<?cs call:form_hidden() ?>
	<p class="lead"><?cs var:T.closing.lead ?></p>
	<ul class="points"><li><?cs var:T.closing.point_read ?></li><li><?cs var:T.closing.point_law ?></li><li><?cs var:T.closing.point_mails ?></li><li><?cs var:T.closing.point_gone ?></li><li><?cs var:T.closing.point_kept ?></li><?cs if:Page.second ?><li><?cs var:T.closing.point_second ?></li><?cs /if ?></ul>
	<p><a href="/workspace/exports"><?cs var:T.closing.export_first ?></a></p>
	<?cs if:Page.requests ?><?cs call:flash("danger", T.error.closing_requests) ?><p><a href="/privacy/requests"><?cs var:T.requests.title ?></a></p><?cs elif:Page.mine ?><?cs call:flash("info", T.error.closing_second) ?><?cs else ?><?cs call:fields(Page.fields) ?>
	<div class="form-actions"><button class="button button-danger" type="submit"><?cs var:T.closing.close ?></button></div><?cs /if ?>
</form><?cs /if ?>
</div>
<?cs call:page_end() ?>
