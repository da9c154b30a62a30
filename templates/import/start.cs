<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Import, first step: the file. Below, what was imported before. ?>
<?cs call:page_begin(T.import.title) ?>
<?cs call:heading(T.import.title) ?>
<?cs call:import_steps(1) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="/import" enctype="multipart/form-data">
	<?cs call:form_hidden() ?>
	<p class="lead"><?cs var:T.import.lead ?></p>
	<div class="form-grid">
		<div class="field"><label class="label" for="f-entity"><?cs var:T.import.kind ?></label><select class="input" id="f-entity" name="entity"<?cs if:string.length(Page.errors.entity) ?> aria-invalid="true" aria-describedby="entity-note"<?cs /if ?>><?cs each:k = Page.kinds ?><option value="<?cs var:k.value ?>"<?cs if:Page.typed.entity == k.value ?> selected<?cs /if ?>><?cs var:k.label ?></option><?cs /each ?></select><?cs if:string.length(Page.errors.entity) ?><div class="note" id="entity-note"><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.entity ?></p></div><?cs /if ?></div>
		<?cs call:plain_field("file", T.import.file, "file", "", T.import.file_hint, 1) ?>
	</div>
	<?cs call:form_actions(T.import.upload, "") ?>
</form>
<section class="card panel" aria-labelledby="recent">
	<h2 class="card-title" id="recent"><?cs var:T.import.recent ?></h2>
	<?cs if:subcount(Page.imports) ?><ul class="panel-rows"><?cs each:i = Page.imports ?><li>
		<div><a href="<?cs var:path(i.url) ?>"><?cs var:i.entity ?></a> <?cs call:badge("neutral", i.state) ?><p class="quiet"><?cs var:i.when ?></p></div>
		<span class="meta"><?cs var:T.import.created ?> <?cs var:thousands(i.created) ?> · <?cs var:T.import.updated ?> <?cs var:thousands(i.updated) ?> · <?cs var:T.import.failed ?> <?cs var:thousands(i.failed) ?></span></li><?cs /each ?></ul>
	<?cs else ?><p class="panel-empty"><?cs var:T.import.none ?></p><?cs /if ?>
</section>
<?cs call:pager() ?>
</div>
<?cs call:page_end() ?>
