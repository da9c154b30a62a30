<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The first way into a new workspace: Page.title action. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="<?cs var:path(Page.action) ?>">
	<h1><?cs var:Page.title ?></h1>
	<p><?cs var:T.welcome.lead ?></p>
	<?cs call:form_hidden() ?>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit" autofocus><?cs var:T.welcome.enter ?></button></div>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
