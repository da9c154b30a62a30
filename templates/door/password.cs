<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The mail is confirmed: Page.name address email action max. ?>
<?cs call:page_begin(T.sign_up.password_title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="<?cs var:path(Page.action) ?>">
	<h1><?cs var:T.sign_up.password_title ?></h1>
	<?cs call:form_error() ?>
	<p><strong><?cs var:Page.name ?></strong><br><?cs var:Page.address ?></p>
	<?cs call:form_hidden() ?>
	<div class="field"><label class="label" for="f-email"><?cs var:T.login.email ?></label><input class="input" type="email" id="f-email" value="<?cs var:Page.email ?>" readonly autocomplete="username"></div>
	<?cs call:password_field("password", T.login.password, "new-password", T.account.password_hint, Page.max) ?>
	<?cs call:password_field("again", T.sign_up.again, "new-password", "", Page.max) ?>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.sign_up.make ?></button></div>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
