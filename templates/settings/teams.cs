<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Teams: Data.items, and Page.fields of a new one. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:subcount(Data.items) ?><section class="card" aria-label="<?cs var:Page.title ?>">
	<ul class="rows"><?cs each:t = Data.items ?><li><div><a href="/settings/teams/<?cs var:t.id ?>"><strong><?cs var:t.name ?></strong></a></div><span class="quiet"><?cs var:fill(T.teams.members_count, t.members) ?></span></li><?cs /each ?></ul>
</section>
<?cs else ?><div class="card"><?cs call:empty("contacts", T.teams.empty, T.teams.empty_help) ?></div><?cs /if ?>
<?cs call:form_error() ?>
<form class="card" method="post" action="/settings/teams" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.teams.add ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.teams.add ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
