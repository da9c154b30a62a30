<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One field of the catalogue. ?>
<?cs call:page_begin(Data.label) ?>
<nav class="crumbs" aria-label="<?cs var:T.chrome.crumbs ?>"><ol><li><a href="/settings/fields"><?cs var:T.fields.title ?></a><?cs call:icon("right") ?></li></ol></nav>
<?cs call:heading(Data.label) ?>
<div class="form-column">
<?cs if:Data.state != "live" ?><?cs call:flash("info", T.fields.busy) ?><?cs /if ?>
<?cs call:form_error() ?>
<form method="post" action="/settings/fields/<?cs var:Data.id ?>" data-guard>
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><input type="hidden" name="_form" value="<?cs var:Chrome.form ?>"><input type="hidden" name="_version" value="<?cs var:Data.version ?>">
	<section class="card">
		<p class="intro"><?cs var:Data.entity_label ?> · <?cs var:Data.type_label ?> · <code><?cs var:Data.name ?></code></p>
		<div class="form-grid">
			<?cs call:plain_field("label_en", T.fields.label_en, "text", Data.label_en, "", 1) ?>
			<?cs call:plain_field("label_zh", T.fields.label_zh, "text", Data.label_zh, "", 1) ?>
			<div class="field"><label class="label" for="f-category"><?cs var:T.fields.category ?></label><select class="input" id="f-category" name="category"><?cs each:o = Page.categories ?><option value="<?cs var:o.value ?>"<?cs if:o.value == Data.category ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?></select></div>
			<?cs call:plain_field("purpose", T.fields.purpose, "text", Data.purpose, T.fields.purpose_hint, 0) ?>
			<?cs if:Data.type == "hkid" ?><?cs call:plain_field("justification", T.fields.justification_hkid, "long_text", Data.justification, "", 0) ?><?cs else ?><?cs call:plain_field("justification", T.fields.justification, "long_text", Data.justification, "", 0) ?><?cs /if ?>
			<?cs call:plain_field("enabled", T.fields.enabled, "boolean", Data.enabled, "", 0) ?>
			<?cs call:plain_field("listed", T.fields.listed, "boolean", Data.listed, "", 0) ?>
			<?cs if:!Data.builtin && Data.entity == "contact" ?><?cs call:plain_field("sealed", T.fields.sealed, "boolean", Data.sealed, "", 0) ?><?cs /if ?>
		</div>
	</section>
	<?cs call:form_actions("", "/settings/fields") ?>
</form>
<?cs if:!Data.builtin && Data.state == "live" ?>
<form class="card confirm confirm-danger" method="post" action="/settings/fields/<?cs var:Data.id ?>/remove">
	<?cs call:form_hidden() ?>
	<h2 class="card-title"><?cs var:T.fields.remove ?></h2>
	<?cs call:plain_field("confirm", fill(T.fields.remove_help, Data.id), "text", "", "", 1) ?>
	<div class="form-actions"><button class="button button-danger" type="submit"><?cs call:icon("erase") ?><span><?cs var:T.fields.remove ?></span></button></div>
</form><?cs /if ?>
</div>
<?cs call:page_end() ?>
