<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The catalogue of fields: Page.groups.N.name label rows; Page.jobs: what is being done to one. ?>
<?cs def:field_state(r) ?>
	<?cs if:string.length(r.busy) ?><?cs call:badge("warning", r.busy) ?> <?cs /if ?>
	<?cs if:r.off ?><?cs call:badge("neutral", T.fields.off) ?> <?cs /if ?>
	<?cs if:r.custom ?><?cs call:badge("info", T.fields.custom) ?> <?cs /if ?>
	<?cs if:r.encrypted ?><span class="badge"><?cs call:icon("lock") ?><?cs var:T.badge.encrypted ?></span> <?cs /if ?>
	<?cs if:!string.length(r.busy) && !r.off && !r.custom && !r.encrypted ?><span class="none">–</span><?cs /if ?>
<?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs each:j = Page.jobs ?><section class="card" data-job="<?cs var:j.id ?>" aria-live="polite">
	<p class="lead"><?cs var:j.label ?> <?cs call:badge("info", j.state) ?></p>
	<?cs if:j.total ?><?cs call:progress(j.done, j.total, T.job.progress) ?><?cs /if ?>
	<p class="note"><?cs var:T.job.leave ?></p>
</section><?cs /each ?>
<nav class="jump" aria-label="<?cs var:T.fields.of ?>"><?cs each:g = Page.groups ?><a href="#e-<?cs var:g.name ?>"><?cs var:g.label ?> <span class="count"><?cs var:subcount(g.rows) ?></span></a> <?cs /each ?></nav>
<?cs each:g = Page.groups ?><section class="group" aria-labelledby="e-<?cs var:g.name ?>">
<h2 class="group-title" id="e-<?cs var:g.name ?>" tabindex="-1"><?cs var:g.label ?></h2>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:g.label ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.fields.label ?></th><th scope="col"><?cs var:T.fields.type ?></th><th scope="col"><?cs var:T.fields.category ?></th><th scope="col"><?cs var:T.fields.purpose ?></th><th scope="col"><?cs var:T.fields.state_title ?></th></tr></thead>
<tbody>
<?cs each:r = g.rows ?><tr<?cs if:r.off ?> class="muted"<?cs /if ?> data-href="<?cs var:path(r.url) ?>">
<td data-label="<?cs var:T.fields.label ?>"><span class="cell-lines"><a class="row-link" href="<?cs var:path(r.url) ?>"><?cs var:r.label ?></a> <span class="quiet"><?cs var:r.other ?> · <code><?cs var:r.name ?></code></span></span></td>
<td data-label="<?cs var:T.fields.type ?>"><?cs var:r.type ?></td>
<td data-label="<?cs var:T.fields.category ?>"><?cs if:r.personal ?><span class="personal"><?cs call:icon("person") ?> <?cs var:r.category ?></span><?cs else ?><span class="quiet"><?cs var:r.category ?></span><?cs /if ?></td>
<td data-label="<?cs var:T.fields.purpose ?>"><?cs var:r.purpose ?></td>
<td data-label="<?cs var:T.fields.state_title ?>"><span class="badges"><?cs call:field_state(r) ?></span></td>
</tr>
<?cs /each ?></tbody>
</table></div></div>
</section>
<?cs /each ?>
<?cs call:page_end() ?>
