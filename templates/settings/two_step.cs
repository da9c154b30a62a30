<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One's own second step: Page.enabled pending required recovery_codes_left since used passkeys; Page.setup: secret size path; Page.recovery_codes: shown this once. ?>
<?cs def:two_step_button(action, label, class) ?><form method="post" action="<?cs var:path(action) ?>"><?cs call:form_hidden() ?><button class="button <?cs var:class ?>" type="submit"><?cs var:label ?></button></form><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:Page.required ?><?cs call:flash("warning", T.two_step.required) ?><?cs /if ?>
<?cs call:recovery_codes() ?>
<?cs if:Page.pending ?><form class="card" method="post" action="/settings/account/two-step/confirm" aria-labelledby="setup">
	<h2 class="card-title" id="setup"><?cs var:T.two_step.setup ?></h2>
	<?cs call:form_error() ?>
	<?cs call:form_hidden() ?>
	<p><?cs var:T.two_step.scan ?></p>
	<?cs if:?Page.setup.path ?><svg class="qr" role="img" aria-label="<?cs var:T.two_step.picture ?>" viewBox="0 0 <?cs var:Page.setup.size ?> <?cs var:Page.setup.size ?>" shape-rendering="crispEdges"><path d="<?cs var:Page.setup.path ?>"></path></svg><?cs /if ?>
	<p class="field"><?cs var:T.two_step.type ?><br><code class="mono"><?cs var:Page.setup.secret ?></code></p>
	<?cs set:Var.error = Page.errors.totp ?>
	<div class="field<?cs if:string.length(Var.error) ?> wrong<?cs /if ?>"><label class="label" for="f-totp"><?cs var:T.two_step.code ?></label><input class="input" type="text" id="f-totp" name="totp" required inputmode="numeric" autocomplete="one-time-code" spellcheck="false" maxlength="40"<?cs if:string.length(Var.error) ?> aria-invalid="true" aria-describedby="totp-note"<?cs /if ?>>
		<?cs if:string.length(Var.error) ?><div class="note" id="totp-note"><p class="error"><?cs call:icon("danger") ?> <?cs var:Var.error ?></p></div><?cs /if ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.two_step.confirm ?></button></div>
</form><?cs /if ?>
<?cs if:Page.enabled ?><section class="card" aria-labelledby="state">
	<h2 class="card-title" id="state"><?cs var:T.two_step.app ?> <?cs call:badge("success", T.two_step.on) ?></h2>
	<dl class="facts">
		<div><dt><?cs var:T.two_step.since ?></dt><dd><?cs var:Page.since ?></dd></div>
		<div><dt><?cs var:T.two_step.used ?></dt><dd><?cs var:Page.used ?></dd></div>
	</dl>
	<div class="form-actions">
		<?cs if:!Page.pending ?><?cs call:two_step_button("/settings/account/two-step", T.two_step.change, "") ?><?cs /if ?>
		<?cs call:two_step_button("/settings/account/two-step/remove", T.two_step.remove, "button-danger") ?>
	</div>
</section>
<?cs elif:!Page.pending ?><section class="card" aria-labelledby="state">
	<h2 class="card-title" id="state"><?cs var:T.two_step.app ?> <?cs call:badge("neutral", T.two_step.off) ?></h2>
	<p><?cs var:T.two_step.lead ?></p>
	<p class="note"><?cs var:T.two_step.apps ?></p>
	<div class="form-actions"><?cs call:two_step_button("/settings/account/two-step", T.two_step.begin, "button-primary") ?></div>
</section><?cs /if ?>
<section class="card" aria-labelledby="passkeys">
	<h2 class="card-title" id="passkeys"><?cs var:T.passkeys.title ?><?cs if:Page.passkeys ?> <?cs call:badge("success", Page.passkeys) ?><?cs /if ?></h2>
	<p class="note"><?cs var:T.passkeys.lead ?></p>
	<div class="form-actions"><a class="button" href="/settings/account/passkeys"><?cs var:T.passkeys.title ?></a></div>
</section>
<?cs if:Page.enabled || Page.passkeys ?><section class="card" aria-labelledby="left">
	<h2 class="card-title" id="left"><?cs var:T.two_step.codes ?></h2>
	<dl class="facts"><div><dt><?cs var:T.two_step.left ?></dt><dd><?cs var:Page.recovery_codes_left ?></dd></div></dl>
	<div class="form-actions"><?cs call:two_step_button("/settings/account/two-step/codes", T.two_step.new_codes, "") ?></div>
</section><?cs /if ?>
</div>
<?cs call:page_end() ?>
