<?cs # SPDX-License-Identifier: ISC ?>
<?cs # What a change of rights means, before it is saved: Page.summary in sentences, Page.changes, Page.people in numbers. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<div class="form-column">
<section class="card" aria-labelledby="summary"><h2 class="card-title" id="summary"><?cs var:T.profiles.means ?></h2>
	<?cs if:subcount(Page.summary) ?><ul class="points"><?cs each:x = Page.summary ?><li><?cs var:x ?></li><?cs /each ?></ul><?cs /if ?>
	<?cs if:string.length(Page.nothing) ?><p class="lead"><?cs var:Page.nothing ?></p><?cs /if ?>
	<?cs if:Page.late ?><p class="note"><?cs call:icon("warning") ?> <?cs var:T.profiles.late ?></p><?cs /if ?>
	<p class="note"><?cs var:T.profiles.at_once ?></p>
</section>
<?cs if:subcount(Page.changes) ?><details class="card fold" open><summary class="card-title"><?cs var:T.profiles.changes ?> <span class="count"><?cs var:subcount(Page.changes) ?></span></summary>
	<ul class="changes"><?cs each:c = Page.changes ?><li><span class="quiet"><?cs var:c.label ?></span> <del><span class="visually-hidden"><?cs var:T.record.before ?> </span><?cs var:c.before ?></del> → <ins><span class="visually-hidden"><?cs var:T.record.after ?> </span><?cs var:c.after ?></ins></li><?cs /each ?></ul>
</details><?cs /if ?>
</div>
<?cs if:subcount(Page.kinds) && subcount(Page.people) ?><details class="card fold card-flush"<?cs if:subcount(Page.people) <= #20 ?> open<?cs /if ?>><summary class="card-title"><?cs var:T.profiles.numbers ?> <span class="count"><?cs var:subcount(Page.people) ?></span></summary>
	<div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.profiles.numbers ?>"><table class="table table-full">
	<thead><tr><th scope="col"><?cs var:T.profiles.user ?></th><?cs each:k = Page.kinds ?><th scope="col" class="end"><?cs var:k ?></th><?cs /each ?></tr></thead>
	<tbody><?cs each:p = Page.people ?><tr><th scope="row"><?cs var:p.name ?></th><?cs each:c = p.cells ?><td class="end" data-label="<?cs var:c.label ?>"><span><?cs var:thousands(c.before) ?><?cs if:#c.gained || #c.lost ?> → <strong><?cs var:thousands(c.after) ?></strong> <span class="quiet"><?cs if:#c.gained ?>+<?cs var:thousands(c.gained) ?><?cs /if ?><?cs if:#c.gained && #c.lost ?> / <?cs /if ?><?cs if:#c.lost ?>−<?cs var:thousands(c.lost) ?><?cs /if ?></span><?cs /if ?></span></td><?cs /each ?></tr><?cs /each ?></tbody>
	</table></div>
</details><?cs /if ?>
<form method="post" action="<?cs var:path(Page.action) ?>">
	<?cs call:form_hidden() ?>
	<?cs each:h = Page.carried ?><input type="hidden" name="<?cs var:h.name ?>" value="<?cs var:h.value ?>"><?cs /each ?>
	<div class="form-actions">
		<button class="button button-primary" type="submit" name="step" value="save"><?cs var:T.common.save ?></button>
		<button class="button" type="submit" formaction="<?cs var:path(Page.form_url) ?>"><?cs var:T.profiles.back_to_edit ?></button>
		<a class="button button-quiet" href="<?cs var:path(Page.cancel_url) ?>"><?cs var:T.common.cancel ?></a>
	</div>
</form>
<?cs call:page_end() ?>
