<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One's own: Page.me and Page.passwords are forms, Data.items the sessions that are open. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="/settings/account" aria-labelledby="me">
	<h2 class="card-title" id="me"><?cs var:T.account.me ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.me) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.common.save ?></button></div>
</form>
<form class="card" method="post" action="/settings/account/password" aria-labelledby="password">
	<h2 class="card-title" id="password"><?cs var:T.account.password ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.passwords) ?></div>
	<p class="note"><?cs var:T.account.password_help ?></p>
	<div class="form-actions"><button class="button" type="submit"><?cs var:T.account.password ?></button></div>
</form>
<section class="card" aria-labelledby="two-step">
	<h2 class="card-title" id="two-step"><?cs var:T.two_step.title ?><?cs if:Page.two_step ?> <?cs call:badge("success", T.two_step.on) ?><?cs else ?> <?cs call:badge("neutral", T.two_step.off) ?><?cs /if ?></h2>
	<p class="note"><?cs var:T.two_step.lead ?></p>
	<div class="form-actions"><a class="button" href="/settings/account/two-step"><?cs var:T.two_step.title ?></a></div>
</section>
<section class="card" aria-labelledby="passkeys">
	<h2 class="card-title" id="passkeys"><?cs var:T.passkeys.title ?><?cs if:Page.passkey ?> <?cs call:badge("success", T.two_step.on) ?><?cs else ?> <?cs call:badge("neutral", T.passkeys.off) ?><?cs /if ?></h2>
	<p class="note"><?cs var:T.passkeys.lead ?></p>
	<div class="form-actions"><a class="button" href="/settings/account/passkeys"><?cs var:T.passkeys.title ?></a></div>
</section>
<section class="card" aria-labelledby="log">
	<h2 class="card-title" id="log"><?cs var:T.audit.mine ?></h2>
	<p class="note"><?cs var:T.audit.mine_help ?></p>
	<div class="form-actions"><a class="button" href="/audit?q=actor:me"><?cs var:T.audit.mine ?></a></div>
</section>
<section class="card" aria-labelledby="sessions">
	<h2 class="card-title" id="sessions"><?cs var:T.account.sessions ?></h2>
	<p class="note"><?cs var:T.account.sessions_help ?></p>
	<ul class="rows"><?cs each:s = Data.items ?><li>
		<div><strong><?cs var:s.agent ?></strong> <span class="quiet"><?cs var:s.ip ?></span><?cs if:s.current ?> <?cs call:badge("success", T.account.this_session) ?><?cs /if ?>
			<p class="quiet"><?cs var:fill(T.account.signed_in, s.created) ?> · <?cs var:fill(T.account.seen, s.seen) ?></p></div>
		<form method="post" action="<?cs var:path(s.end_url) ?>"><?cs call:form_hidden() ?><button class="button button-small" type="submit"><?cs if:s.current ?><?cs var:T.chrome.sign_out ?><?cs else ?><?cs var:T.account.end ?><?cs /if ?></button></form>
	</li><?cs /each ?></ul>
</section>
</div>
<?cs call:page_end() ?>
