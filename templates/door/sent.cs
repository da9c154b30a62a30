<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The mail is on its way. ?>
<?cs call:page_begin(T.sign_up.sent_title) ?>
<?cs call:entry_begin() ?>
<div class="login-form">
	<h1><?cs var:T.sign_up.sent_title ?></h1>
	<?cs call:flash("success", T.sign_up.sent) ?>
	<p><?cs var:T.sign_up.sent_help ?></p>
	<p class="note"><a href="/"><?cs var:T.common.back ?></a></p>
</div>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
