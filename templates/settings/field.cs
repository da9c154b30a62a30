<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One field: Page.groups as in record/form; Page.remove_url: it may be removed, with all its values. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<dl class="facts card">
	<div><dt><?cs var:T.fields.of ?></dt><dd><?cs var:Page.entity_label ?></dd></div>
	<div><dt><?cs var:T.fields.type ?></dt><dd><?cs var:Page.field.type ?></dd></div>
	<div><dt><?cs var:T.fields.name ?></dt><dd><code><?cs var:Page.id ?></code></dd></div>
	<div><dt><?cs var:T.fields.state_title ?></dt><dd><?cs if:string.length(Page.field.busy) ?><?cs call:badge("warning", Page.field.busy) ?> <?cs /if ?><?cs if:Page.field.off ?><?cs call:badge("neutral", T.fields.off) ?> <?cs else ?><?cs call:badge("success", T.fields.enabled) ?> <?cs /if ?><?cs if:Page.field.custom ?><?cs call:badge("info", T.fields.custom) ?> <?cs /if ?><?cs if:Page.field.encrypted ?><span class="badge"><?cs call:icon("lock") ?><?cs var:T.badge.encrypted ?></span><?cs /if ?></dd></div>
</dl>
<form method="post" action="<?cs var:path(Page.action) ?>" data-guard>
	<?cs call:form_hidden() ?>
	<?cs each:g = Page.groups ?><fieldset class="card"><legend class="card-title"><?cs var:g.label ?></legend>
		<div class="form-grid"><?cs call:fields(g.fields) ?></div>
	</fieldset><?cs /each ?>
	<?cs call:form_actions("", "/settings/fields") ?>
</form>
<?cs if:?Page.remove_url ?><form class="card confirm-danger apart" method="post" action="<?cs var:path(Page.remove_url) ?>" aria-labelledby="remove">
	<h2 class="card-title" id="remove"><?cs var:T.fields.remove ?></h2>
	<?cs call:form_hidden() ?>
	<div class="field<?cs if:string.length(Page.errors.confirm) ?> wrong<?cs /if ?>">
		<label class="label" for="f-confirm"><?cs var:fill(T.fields.remove_help, Page.id) ?></label>
		<input class="input" id="f-confirm" name="confirm" required autocomplete="off" maxlength="100" spellcheck="false"<?cs if:string.length(Page.errors.confirm) ?> aria-invalid="true" aria-describedby="confirm-note"<?cs /if ?>>
		<?cs if:string.length(Page.errors.confirm) ?><div class="note" id="confirm-note"><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.confirm ?></p></div><?cs /if ?>
	</div>
	<div class="form-actions"><button class="button button-danger" type="submit"><?cs var:T.fields.remove_submit ?></button></div>
</form><?cs /if ?>
</div>
<?cs call:page_end() ?>
