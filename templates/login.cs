<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Page.email: what was typed; Page.next: where to go afterwards. ?>
<?cs call:page_begin(T.login.title) ?>
<?cs call:entry_begin() ?>
<div class="login-form">
<form method="post" action="/login">
	<h1><?cs var:fill(T.login.lead, Chrome.workspace.name) ?></h1>
	<?cs call:form_error() ?>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<?cs if:string.length(Page.next) ?><input type="hidden" name="next" value="<?cs var:Page.next ?>"><?cs /if ?>
	<div class="field"><label class="label" for="f-email"><?cs var:T.login.email ?></label><input class="input" type="email" id="f-email" name="email" value="<?cs if:string.length(Page.email) ?><?cs var:Page.email ?><?cs else ?><?cs var:Page.typed.email ?><?cs /if ?>"<?cs if:string.length(Page.errors.email) ?> aria-invalid="true" aria-describedby="email-note"<?cs /if ?> required autofocus autocomplete="username" maxlength="254"><?cs if:string.length(Page.errors.email) ?><div class="note" id="email-note"><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.email ?></p></div><?cs /if ?></div>
	<div class="field"><label class="label" for="f-password"><?cs var:T.login.password ?></label><input class="input" type="password" id="f-password" name="password"<?cs if:string.length(Page.errors.password) ?> aria-invalid="true" aria-describedby="password-note"<?cs /if ?> required autocomplete="current-password" maxlength="200"><?cs if:string.length(Page.errors.password) ?><div class="note" id="password-note"><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.password ?></p></div><?cs /if ?></div>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.login.submit ?></button></div>
	<p class="note"><a href="/password/forgot"><?cs var:T.login.forgot ?></a></p>
</form>
<?cs call:passkey_sign_in("") ?>
</div>
<?cs call:passkey_script() ?>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
