<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The worker makes it; the answer's Refresh asks again. ?>
<?cs call:page_begin(T.sign_up.wait_title) ?>
<?cs call:entry_begin() ?>
<div class="login-form" aria-live="polite">
	<h1><?cs var:T.sign_up.wait_title ?></h1>
	<p><?cs var:T.sign_up.wait ?></p>
	<progress></progress>
</div>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
