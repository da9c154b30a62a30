<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One record that has no history of its own: fields, and what hangs on it. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
	<?cs each:g = Page.groups ?><section class="card" aria-labelledby="g-<?cs var:g.name ?>">
		<h2 class="card-title" id="g-<?cs var:g.name ?>"><?cs var:g.label ?></h2>
		<?cs call:definitions(g.fields) ?>
	</section><?cs /each ?>
	<?cs call:marks_legend() ?>
	<?cs each:p = Page.panels ?><?cs call:panel(p) ?><?cs /each ?>
</div>
<?cs call:page_end() ?>
