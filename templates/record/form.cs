<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Adds or edits a record of any kind. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<?cs if:subcount(Page.conflict.fields) ?>
<section class="card conflict" role="alert">
	<h2 class="card-title"><?cs call:icon("warning") ?><?cs var:T.form.conflict ?></h2>
	<p><?cs var:fill(T.form.conflict_by, Page.conflict.who) ?> <span class="quiet"><?cs var:Page.conflict.when ?></span></p>
	<div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.form.conflict ?>"><table class="table">
		<thead><tr><th scope="col"><?cs var:T.form.conflict_field ?></th><th scope="col"><?cs var:T.form.conflict_was ?></th><th scope="col"><?cs var:T.form.conflict_theirs ?></th><th scope="col"><?cs var:T.form.conflict_yours ?></th></tr></thead>
		<tbody><?cs each:x = Page.conflict.fields ?><tr><th scope="row"><?cs var:x.label ?></th><td data-label="<?cs var:T.form.conflict_was ?>"><?cs var:x.was ?></td><td data-label="<?cs var:T.form.conflict_theirs ?>"><strong><?cs var:x.theirs ?></strong></td><td data-label="<?cs var:T.form.conflict_yours ?>"><?cs var:x.yours ?></td></tr><?cs /each ?></tbody>
	</table></div>
</section>
<?cs /if ?>
<?cs call:form_error() ?>
<form class="record-form" method="post" action="<?cs var:path(Page.action) ?>"<?cs if:Page.upload ?> enctype="multipart/form-data"<?cs /if ?> data-guard>
	<?cs call:form_hidden() ?>
	<?cs each:g = Page.groups ?><fieldset class="card"><legend class="card-title"><?cs var:g.label ?></legend>
		<?cs if:string.length(g.hint) ?><p class="note"><?cs var:g.hint ?></p><?cs /if ?>
		<div class="form-grid"><?cs call:fields(g.fields) ?></div>
	</fieldset><?cs /each ?>
	<?cs call:marks_legend() ?>
	<?cs call:form_actions(Page.submit, Page.cancel_url) ?>
</form>
</div>
<?cs call:page_end() ?>
