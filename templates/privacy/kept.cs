<?cs # SPDX-License-Identifier: ISC ?>
<?cs # What a law keeps of an erased person: a reason is asked for, then it is shown, this once. ?>
<?cs call:page_begin(T.kept_law.title) ?>
<?cs call:form_heading(T.kept_law.title) ?>
<div class="form-column">
<?cs if:Page.read ?>
<p class="intro"><?cs var:T.kept_law.logged ?></p>
<?cs each:k = Page.items ?><section class="card">
	<h2 class="card-title"><?cs var:k.title ?></h2>
	<dl class="definitions">
	<?cs each:v = k.values ?><dt><?cs var:v.label ?></dt><dd class="lines"><?cs var:v.text ?></dd>
	<?cs /each ?></dl>
	<p class="note"><?cs var:k.until ?><?cs if:string.length(k.law) ?> · <?cs var:k.law ?><?cs /if ?></p>
	<?cs if:?k.file_url ?><form method="post" action="<?cs var:path(k.file_url) ?>"><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><input type="hidden" name="reason" value="<?cs var:Page.reason ?>"><div class="form-actions"><button class="button" type="submit"><?cs call:icon("download") ?><span><?cs var:T.kept_law.download ?></span></button></div></form><?cs /if ?>
	<?cs if:?k.url ?><p><a href="<?cs var:path(k.url) ?>"><?cs var:T.kept_law.invoice ?></a></p><?cs /if ?>
</section><?cs /each ?>
<?cs if:!subcount(Page.items) ?><p><?cs var:T.receipt.nothing_kept ?></p><?cs /if ?>
<p><a href="/contacts/<?cs var:Page.contact ?>/erase"><?cs var:T.receipt.title ?></a></p>
<?cs else ?>
<?cs call:form_error() ?>
<?cs # No single-use id: to load the answer anew is to read it anew, and logged so. ?>
<form class="card" method="post" action="/contacts/<?cs var:Page.contact ?>/erase/kept">
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<p class="lead"><?cs var:T.kept_law.text ?></p>
	<?cs call:fields(Page.fields) ?>
	<div class="form-actions">
		<button class="button button-primary" type="submit"><?cs var:T.kept_law.submit ?></button>
		<a class="button button-quiet" href="/contacts/<?cs var:Page.contact ?>/erase"><?cs var:T.common.cancel ?></a>
	</div>
</form>
<?cs /if ?>
</div>
<?cs call:page_end() ?>
