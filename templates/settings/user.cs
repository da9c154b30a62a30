<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One user: Page.groups (a form), Page.password (another), Page.user: facts. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<dl class="facts card">
	<div><dt><?cs var:T.users.state ?></dt><dd><?cs if:Page.user.active ?><?cs if:Page.user.invited ?><?cs call:badge("info", T.users.invited) ?><?cs elif:!Page.user.password ?><?cs call:badge("warning", T.users.no_password) ?><?cs else ?><?cs call:badge("success", T.users.active) ?><?cs /if ?><?cs else ?><?cs call:badge("neutral", T.users.inactive) ?><?cs /if ?></dd></div>
	<div><dt><?cs var:T.users.last_sign_in ?></dt><dd><?cs var:Page.user.last_sign_in ?></dd></div>
	<div><dt><?cs var:T.users.created ?></dt><dd><?cs var:Page.user.created ?></dd></div>
	<div><dt><?cs var:T.access.short ?></dt><dd><a href="<?cs var:path(Page.user.access_url) ?>"><?cs var:T.users.access ?></a></dd></div>
	<?cs if:?Page.user.audit_url ?><div><dt><?cs var:T.audit.title ?></dt><dd><a href="<?cs var:path(Page.user.audit_url) ?>"><?cs var:T.users.audit ?></a></dd></div><?cs /if ?>
</dl>
<form method="post" action="<?cs var:path(Page.action) ?>" data-guard>
	<?cs call:form_hidden() ?>
	<?cs each:g = Page.groups ?><fieldset class="card"><legend class="card-title"><?cs var:g.label ?></legend>
		<div class="form-grid"><?cs call:fields(g.fields) ?></div>
	</fieldset><?cs /each ?>
	<?cs call:form_actions("", "/settings/users") ?>
</form>
<?cs if:Page.user.self ?>
<section class="card apart"><h2 class="card-title"><?cs var:T.users.way_in ?></h2>
	<p class="note"><?cs var:T.users.own_password ?></p>
	<div class="form-actions"><a class="button" href="/settings/account"><?cs var:T.account.title ?></a></div>
</section>
<?cs else ?>
<?cs if:Page.user.active ?><form class="card apart" method="post" action="<?cs var:path(Page.view_as_url) ?>" aria-labelledby="view-as">
	<h2 class="card-title" id="view-as"><?cs var:T.view_as.title ?></h2>
	<?cs call:form_hidden() ?>
	<p class="note"><?cs var:T.view_as.help ?></p>
	<div class="form-actions"><button class="button" type="submit"><?cs call:icon("eye") ?><span><?cs var:T.view_as.begin ?></span></button></div>
</form><?cs /if ?>
<?cs if:Page.user.active ?><?cs if:Page.user.mail ?><form class="card apart" method="post" action="<?cs var:path(Page.link_url) ?>" aria-labelledby="link">
	<h2 class="card-title" id="link"><?cs if:Page.user.password ?><?cs var:T.users.send_reset ?><?cs else ?><?cs var:T.users.invite ?><?cs /if ?></h2>
	<?cs call:form_hidden() ?>
	<p class="note"><?cs if:Page.user.password ?><?cs var:T.users.send_reset_help ?><?cs else ?><?cs var:T.users.invite_help ?><?cs /if ?></p>
	<div class="form-actions"><button class="button" type="submit"><?cs if:Page.user.password ?><?cs var:T.users.send_reset ?><?cs else ?><?cs var:T.users.invite ?><?cs /if ?></button></div>
</form><?cs else ?><p class="note"><?cs var:T.users.no_mail ?></p><?cs /if ?><?cs /if ?>
<form class="card apart" method="post" action="<?cs var:path(Page.action) ?>" aria-labelledby="password">
	<h2 class="card-title" id="password"><?cs var:T.users.set_password ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.password) ?></div>
	<div class="form-actions"><button class="button" type="submit"><?cs var:T.users.set_password ?></button></div>
</form>
<?cs if:Page.user.two_step ?><form class="card" method="post" action="<?cs var:path(Page.two_step_url) ?>" aria-labelledby="two-step">
	<h2 class="card-title" id="two-step"><?cs var:T.two_step.title ?> <?cs call:badge("success", T.two_step.on) ?></h2>
	<?cs call:form_hidden() ?>
	<p class="note"><?cs var:T.users.two_step_help ?></p>
	<div class="form-actions"><button class="button" type="submit"><?cs var:T.users.remove_two_step ?></button></div>
</form><?cs /if ?>
<?cs if:subcount(Page.sessions) ?><section class="card" aria-labelledby="open">
	<h2 class="card-title" id="open"><?cs var:T.users.open_sessions ?></h2>
	<ul class="rows"><?cs each:s = Page.sessions ?><li>
		<div><strong><?cs var:s.agent ?></strong> <span class="quiet"><?cs var:s.ip ?></span>
			<p class="quiet"><?cs var:fill(T.account.signed_in, s.created) ?> · <?cs var:fill(T.account.seen, s.seen) ?></p></div>
		<form method="post" action="<?cs var:path(s.end_url) ?>"><?cs call:form_hidden() ?><button class="button button-small" type="submit"><?cs var:T.account.end ?></button></form>
	</li><?cs /each ?></ul>
</section><?cs /if ?>
<form class="card" method="post" action="<?cs var:path(Page.sessions_url) ?>" aria-labelledby="sessions">
	<h2 class="card-title" id="sessions"><?cs var:T.users.way_in ?></h2>
	<?cs call:form_hidden() ?>
	<p><?cs var:fill(T.users.sessions_count, Page.user.sessions) ?> <?cs var:fill(T.users.tokens_count, Page.user.tokens) ?></p>
	<p class="note"><?cs var:T.users.end_sessions_help ?></p>
	<div class="form-actions"><button class="button" type="submit"><?cs var:T.users.end_sessions ?></button></div>
</form>
<form class="card<?cs if:Page.user.active ?> confirm-danger<?cs /if ?>" method="post" action="<?cs var:path(Page.action) ?>" aria-labelledby="active">
	<?cs call:form_hidden() ?>
	<?cs if:Page.user.active ?><h2 class="card-title" id="active"><?cs var:T.users.deactivate ?></h2>
	<input type="hidden" name="active" value="false">
	<p class="note"><?cs var:T.users.deactivate_help ?></p>
	<?cs if:Page.hand_over.all ?><p class="field"><?cs var:T.users.owns ?> <?cs var:fill(T.users.owns_contacts, thousands(Page.hand_over.contact)) ?>, <?cs var:fill(T.users.owns_companies, thousands(Page.hand_over.company)) ?>, <?cs var:fill(T.users.owns_tasks, thousands(Page.hand_over.activity)) ?></p>
	<?cs call:fields(Page.hand_over.fields) ?><?cs /if ?>
	<div class="form-actions"><button class="button button-danger" type="submit"><?cs var:T.users.deactivate ?></button></div>
	<?cs else ?><h2 class="card-title" id="active"><?cs var:T.users.activate ?></h2>
	<input type="hidden" name="active" value="true">
	<p class="note"><?cs var:T.users.activate_help ?></p>
	<div class="form-actions"><button class="button" type="submit"><?cs var:T.users.activate ?></button></div><?cs /if ?>
</form>
<?cs /if ?>
</div>
<?cs call:page_end() ?>
