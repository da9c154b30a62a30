<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Proof of identity before what is grave: Page.action carry error. ?>
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
</div>
<?cs call:page_end() ?>
