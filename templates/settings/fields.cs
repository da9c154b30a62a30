<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The catalogue of fields, and a form for one more. ?>
<?cs call:page_begin(T.fields.title) ?>
<?cs call:heading(T.fields.title) ?>
<p class="intro"><?cs var:T.fields.lead ?></p>
<details class="card fold"<?cs if:string.length(Page.error) ?> open<?cs /if ?>><summary class="card-title"><?cs call:icon("new") ?><?cs var:T.fields.add ?></summary>
	<?cs call:form_error() ?>
	<form method="post" action="/settings/fields" data-guard>
		<?cs call:form_hidden() ?>
		<div class="form-grid">
			<div class="field"><label class="label" for="f-entity"><?cs var:T.fields.of ?></label><select class="input" id="f-entity" name="entity"><option value="contact"><?cs var:T.entity.contact.many ?></option><option value="company"<?cs if:Page.typed.entity == "company" ?> selected<?cs /if ?>><?cs var:T.entity.company.many ?></option></select></div>
			<?cs call:select_field("type", T.fields.type, Page.types, "") ?>
			<?cs call:plain_field("label_en", T.fields.label_en, "text", "", "", 1) ?>
			<?cs call:plain_field("label_zh", T.fields.label_zh, "text", "", "", 0) ?>
			<?cs call:plain_field("name", T.fields.name, "text", "", T.fields.name_hint, 1) ?>
			<?cs call:select_field("category", T.fields.category, Page.categories, "") ?>
			<?cs call:plain_field("purpose", T.fields.purpose, "text", "", T.fields.purpose_hint, 0) ?>
			<?cs call:plain_field("justification", T.fields.justification, "text", "", "", 0) ?>
			<?cs call:plain_field("choices", T.fields.choices, "long_text", "", "", 0) ?>
			<?cs call:plain_field("sealed", T.fields.sealed, "boolean", "0", "", 0) ?>
			<?cs call:plain_field("listed", T.fields.listed, "boolean", "0", "", 0) ?>
		</div>
		<?cs call:form_actions(T.fields.add, "") ?>
	</form>
</details>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.fields.title ?>"><table class="table">
<thead><tr><th scope="col"><?cs var:T.fields.title ?></th><th scope="col"><?cs var:T.fields.of ?></th><th scope="col"><?cs var:T.fields.type ?></th><th scope="col"><?cs var:T.fields.category ?></th><th scope="col"><?cs var:T.fields.purpose ?></th><th scope="col"><?cs var:T.fields.enabled ?></th></tr></thead>
<tbody>
<?cs each:f = Data.items ?><tr<?cs if:!f.enabled ?> class="muted"<?cs /if ?>>
<td><a class="row-link" href="/settings/fields/<?cs var:f.id ?>"><?cs var:f.label ?></a><?cs if:f.sealed ?><span class="mark mark-encrypted" title="<?cs var:T.badge.encrypted_hint ?>"><?cs call:icon("lock") ?><span class="visually-hidden"><?cs var:T.badge.encrypted ?></span></span><?cs /if ?><?cs if:f.pii ?><span class="mark mark-personal" title="<?cs var:T.badge.personal_hint ?>"><?cs call:icon("person") ?><span class="visually-hidden"><?cs var:T.badge.personal ?></span></span><?cs /if ?></td>
<td data-label="<?cs var:T.fields.of ?>"><?cs var:f.entity_label ?></td>
<td data-label="<?cs var:T.fields.type ?>"><?cs var:f.type_label ?></td>
<td data-label="<?cs var:T.fields.category ?>"><?cs var:f.category_label ?></td>
<td data-label="<?cs var:T.fields.purpose ?>"><?cs var:f.purpose ?></td>
<td data-label="<?cs var:T.fields.enabled ?>"><?cs if:f.state != "live" ?><?cs call:badge("warning", T.fields.busy) ?><?cs elif:f.enabled ?><?cs var:T.common.yes ?><?cs else ?><?cs call:badge("neutral", T.fields.off) ?><?cs /if ?><?cs if:!f.builtin ?> <?cs call:badge("info", T.fields.custom) ?><?cs /if ?></td>
</tr>
<?cs /each ?></tbody>
</table></div></div>
<?cs set:Var.marks = 1 ?><?cs call:marks_legend() ?>
<?cs call:page_end() ?>
