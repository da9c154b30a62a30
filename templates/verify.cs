<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Proof of identity before what is grave: Page.action carry error; Page.code passkey: what else would prove it. ?>
<?cs call:page_begin(T.verify.title) ?>
<div class="narrow">
<div class="heading"><?cs call:heading_text(T.verify.title) ?></div>
<?cs call:form_error() ?>
<form class="card confirm" method="post" action="<?cs var:path(Page.action) ?>">
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<input type="hidden" name="_carry" value="<?cs var:Page.carry ?>">
	<p class="lead"><?cs var:T.verify.lead ?></p>
	<div class="field"><label class="label" for="f-email"><?cs var:T.login.email ?></label><input class="input" type="email" id="f-email" value="<?cs var:Chrome.user.email ?>" readonly autocomplete="username"></div>
	<div class="field"><label class="label" for="f-password"><?cs var:T.login.password ?></label><input class="input" type="password" id="f-password" name="_password"<?cs if:!Page.code ?> required<?cs /if ?> autofocus autocomplete="current-password" maxlength="200"></div>
	<?cs if:Page.code ?><div class="field"><label class="label" for="f-code"><?cs var:T.verify.code ?></label><input class="input" type="text" id="f-code" name="_code" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" maxlength="40"></div><?cs /if ?>
	<p class="note"><?cs var:T.verify.help ?></p>
	<div class="form-actions">
		<button class="button button-primary" type="submit"><?cs var:T.verify.submit ?></button>
		<a class="button button-quiet" href="/"><?cs var:T.common.cancel ?></a>
	</div>
</form>
<?cs if:Page.passkey ?><form class="card" method="post" action="<?cs var:path(Page.action) ?>" data-passkey="get" data-challenge="/api/v1/me/passkeys/challenge" data-purpose="identity" hidden>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<input type="hidden" name="_carry" value="<?cs var:Page.carry ?>">
	<?cs call:passkey_parts("_") ?>
	<p><?cs var:T.verify.passkey_lead ?></p>
	<?cs call:passkey_button(T.verify.passkey, "") ?>
</form><?cs /if ?>
</div>
<?cs if:Page.passkey ?><?cs call:passkey_script() ?><?cs /if ?>
<?cs call:page_end() ?>
