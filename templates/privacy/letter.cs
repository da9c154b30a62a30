<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A letter that is written: printed as it stands, sent by mail (Page.send) or posted (Page.post). ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:subcount(Page.finish) ?><div class="actions"><?cs each:s = Page.finish ?><a class="button button-primary" href="<?cs var:path(s.url) ?>"><?cs var:fill(T.letters.finish, s.label) ?></a><?cs /each ?></div><?cs /if ?>
<?cs if:Page.gone ?><?cs call:flash("info", T.letters.gone) ?><?cs else ?>
<div class="actions"><?cs if:?Data.pages ?><a class="button" href="<?cs var:path(Page.url) ?>/pdf"><?cs call:icon("download") ?><span><?cs var:T.letters.pdf ?></span></a><?cs else ?><a class="button" href="<?cs var:path(Page.url) ?>"><?cs var:T.letters.pdf_later ?></a><?cs /if ?></div>
<article class="card sheet" lang="<?cs var:Page.lang ?>">
	<header class="sheet-head"><strong><?cs var:Page.head ?></strong><?cs if:string.length(Page.head_address) ?><p class="lines"><?cs var:Page.head_address ?></p><?cs /if ?><?cs if:string.length(Page.head_contact) ?><p class="lines"><?cs var:Page.head_contact ?></p><?cs /if ?></header>
	<p><?cs var:Page.date ?></p>
	<p class="lines"><?cs var:Data.to ?>
<?cs var:Data.address ?></p>
	<h2><?cs var:Data.subject ?></h2>
	<p class="lines"><?cs var:Data.body ?></p>
</article>
<?cs if:Page.to_go ?><section class="form-column sheet-way" aria-label="<?cs var:T.letters.way ?>">
<?cs if:Page.mail ?><form class="card" method="post" action="<?cs var:path(Page.url) ?>/send" aria-labelledby="by-mail"><h2 class="card-title" id="by-mail"><?cs var:T.letters.send ?></h2>
	<p class="note"><?cs var:T.letters.send_help ?></p><?cs call:form_hidden() ?><?cs call:fields(Page.send) ?><div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.letters.send ?></button></div></form><?cs /if ?>
<form class="card" method="post" action="<?cs var:path(Page.url) ?>/posted" aria-labelledby="by-post"><h2 class="card-title" id="by-post"><?cs var:T.letters.post ?></h2>
	<?cs call:form_hidden() ?><?cs call:fields(Page.post) ?><div class="form-actions"><button class="button" type="submit"><?cs var:T.letters.post ?></button></div></form>
</section><?cs /if ?><?cs /if ?>
<?cs call:page_end() ?>
