<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The operators' own host. Page.email: what was typed. ?>
<?cs call:page_begin(T.desk.title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="/login">
	<h1><?cs var:T.desk.title ?></h1>
	<?cs call:form_error() ?>
	<p><?cs var:T.desk.lead ?></p>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<div class="field"><label class="label" for="f-email"><?cs var:T.login.email ?></label><input class="input" type="email" id="f-email" name="email" value="<?cs var:Page.email ?>" required autofocus autocomplete="username" maxlength="254"></div>
	<div class="field"><label class="label" for="f-password"><?cs var:T.login.password ?></label><input class="input" type="password" id="f-password" name="password" required autocomplete="current-password" maxlength="200"></div>
	<div class="field"><label class="label" for="f-totp"><?cs var:T.desk.code ?></label><input class="input" type="text" id="f-totp" name="totp" required inputmode="numeric" autocomplete="one-time-code" maxlength="10"></div>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.login.submit ?></button></div>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
