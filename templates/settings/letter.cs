<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The words of one letter in one language: Page.fields, Page.places (name, label), what ships beside them. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="<?cs var:path(Page.url) ?>" data-guard>
	<p class="note"><?cs var:T.letters.template_help ?></p>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<?cs call:form_actions("", "/settings/letters") ?>
</form>
<section class="card" aria-labelledby="places"><h2 class="card-title" id="places"><?cs var:T.letters.places ?></h2>
	<dl class="definitions"><?cs each:p = Page.places ?><dt><code><?cs var:p.name ?></code></dt><dd><?cs var:p.label ?></dd><?cs /each ?></dl>
</section>
<?cs if:Data.own ?><section class="card" aria-labelledby="preset"><h2 class="card-title" id="preset"><?cs var:T.letters.preset ?></h2>
	<p><strong><?cs var:Page.preset_subject ?></strong></p><p class="lines"><?cs var:Page.preset_body ?></p>
	<form method="post" action="<?cs var:path(Page.url) ?>/reset"><?cs call:form_hidden() ?><div class="form-actions"><button class="button" type="submit"><?cs var:T.letters.reset ?></button></div></form>
</section><?cs /if ?>
</div>
<?cs call:page_end() ?>
