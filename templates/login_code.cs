<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The second step of signing in: Page.ticket says that the password was right. ?>
<?cs call:page_begin(T.login.title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="/login/code">
	<h1><?cs var:T.login.code_title ?></h1>
	<?cs call:form_error() ?>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<input type="hidden" name="ticket" value="<?cs var:Page.ticket ?>">
	<p><?cs var:T.login.code_lead ?></p>
	<div class="field"><label class="label" for="f-code"><?cs var:T.login.code ?></label><input class="input" type="text" id="f-code" name="code" required autofocus autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="40"></div>
	<p class="note"><?cs var:T.login.code_help ?></p>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.login.submit ?></button></div>
	<p class="note"><a href="/login"><?cs var:T.link.back ?></a></p>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
