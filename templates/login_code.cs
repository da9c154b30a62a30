<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The second step of signing in: Page.ticket says that the password was right; Page.app passkey: what there is for it. ?>
<?cs call:page_begin(T.login.title) ?>
<?cs call:entry_begin() ?>
<div class="login-form">
<form method="post" action="/login/code">
	<h1><?cs var:T.login.code_title ?></h1>
	<?cs call:form_error() ?>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<input type="hidden" name="ticket" value="<?cs var:Page.ticket ?>">
	<p><?cs if:Page.app || !Page.passkey ?><?cs var:T.login.code_lead ?><?cs else ?><?cs var:T.login.passkey_lead ?><?cs /if ?></p>
	<div class="field"><label class="label" for="f-code"><?cs var:T.login.code ?></label><input class="input" type="text" id="f-code" name="code" required autofocus autocomplete="one-time-code" autocapitalize="none" spellcheck="false" maxlength="40"></div>
	<?cs if:Page.app || !Page.passkey ?><p class="note"><?cs var:T.login.code_help ?></p><?cs /if ?>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.login.submit ?></button></div>
	<p class="note"><a href="/login"><?cs var:T.link.back ?></a></p>
</form>
<?cs if:Page.passkey ?><?cs call:passkey_sign_in(Page.ticket) ?><?cs /if ?>
</div>
<?cs if:Page.passkey ?><?cs call:passkey_script() ?><?cs /if ?>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
