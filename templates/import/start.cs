<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The first step of an import: a file, and what came before. ?>
<?cs call:page_begin(T.import.title) ?>
<?cs call:heading(T.import.title) ?>
<p class="lead"><?cs var:T.import.lead ?></p>
<?cs call:form_error() ?>
<form class="card" method="post" action="/import" enctype="multipart/form-data">
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<div class="field"><label class="label" for="f-entity"><?cs var:T.import.kind ?></label>
		<select class="input" id="f-entity" name="entity"><option value="contact"><?cs var:T.entity.contact.many ?></option><option value="company"><?cs var:T.entity.company.many ?></option></select></div>
	<div class="field<?cs if:string.length(Page.errors.file) ?> wrong<?cs /if ?>"><label class="label" for="f-file"><?cs var:T.import.file ?></label>
		<input class="input" type="file" id="f-file" name="file" accept=".csv,.txt,.tsv,text/csv" required aria-describedby="file-note">
		<div class="note" id="file-note"><?cs if:string.length(Page.errors.file) ?><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.file ?></p><?cs /if ?><p><?cs var:T.import.file_hint ?></p></div></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.import.upload ?></button></div>
</form>
<section class="card"><div class="card-head"><h2><?cs var:T.import.recent ?></h2></div>
<?cs if:subcount(Page.imports) ?><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.import.recent ?>"><table class="table"><thead><tr><th scope="col"><?cs var:T.audit.when ?></th><th scope="col"><?cs var:T.import.kind ?></th><th scope="col"><?cs var:T.audit.outcome ?></th><th scope="col" class="end"><?cs var:T.import.created ?></th><th scope="col" class="end"><?cs var:T.import.updated ?></th><th scope="col" class="end"><?cs var:T.import.failed ?></th></tr></thead><tbody>
<?cs each:i = Page.imports ?><tr><td><a href="<?cs var:path(i.url) ?>"><?cs var:i.when ?></a></td><td><?cs var:i.entity ?></td><td><?cs var:i.state ?></td><td class="end"><?cs var:thousands(i.created) ?></td><td class="end"><?cs var:thousands(i.updated) ?></td><td class="end"><?cs var:thousands(i.failed) ?></td></tr>
<?cs /each ?></tbody></table></div>
<?cs else ?><p class="panel-empty"><?cs var:T.import.none ?></p><?cs /if ?>
</section>
<?cs call:page_end() ?>
