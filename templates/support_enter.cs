<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Where an operator comes in: Page.action. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="<?cs var:path(Page.action) ?>">
	<h1><?cs var:Page.title ?></h1>
	<p><?cs var:T.support.enter_help ?></p>
	<?cs call:form_hidden() ?>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:fill(T.support.enter, Chrome.workspace.name) ?></button></div>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
