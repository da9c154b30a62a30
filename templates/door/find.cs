<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Which workspaces an address belongs to, told by mail: Page.fields sent, Data.regions. ?>
<?cs call:page_begin(T.sign_up.find_title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="/workspaces">
	<h1><?cs var:T.sign_up.find_title ?></h1>
	<?cs call:form_error() ?>
	<?cs if:Page.sent ?><?cs call:flash("success", T.sign_up.find_sent) ?><?cs else ?><p><?cs var:T.sign_up.find_lead ?></p>
	<?cs call:form_hidden() ?>
	<?cs call:field(Page.fields.0) ?>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.sign_up.find ?></button></div><?cs /if ?>
	<?cs if:subcount(Data.regions) > #1 ?><p class="note"><?cs var:T.sign_up.find_elsewhere ?><?cs each:r = Data.regions ?><?cs if:!r.here ?> <a href="<?cs var:weburl(r.finder) ?>"><?cs var:r.name ?></a><?cs /if ?><?cs /each ?></p><?cs /if ?>
	<p class="note"><a href="/"><?cs var:T.common.back ?></a></p>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
