<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Asking for a link to a new password. Page.available: mail goes out here; Page.sent: it was asked for. ?>
<?cs call:page_begin(T.link.forgot_title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="/password/forgot">
	<h1><?cs var:T.link.forgot_title ?></h1>
	<?cs call:form_error() ?>
	<?cs if:Page.sent ?><?cs call:flash("success", T.link.sent) ?>
	<?cs elif:!Page.available ?><?cs call:flash("warning", T.link.unavailable) ?>
	<?cs else ?><p><?cs var:T.link.forgot_lead ?></p>
	<?cs call:form_hidden() ?>
	<?cs call:plain_field("email", T.login.email, "email", "", "", 1) ?>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.link.ask ?></button></div><?cs /if ?>
	<p class="note"><a href="/login"><?cs var:T.link.back ?></a></p>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
