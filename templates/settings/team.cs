<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One team: Page.fields its name, Data.users, Page.remove where its records go; Page.empty: nobody is in it. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="/settings/teams/<?cs var:Page.id ?>" aria-labelledby="name">
	<h2 class="card-title" id="name"><?cs var:T.teams.rename ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.common.save ?></button></div>
</form>
<section class="card" aria-labelledby="members">
	<h2 class="card-title" id="members"><?cs var:T.teams.members ?></h2>
	<?cs if:subcount(Data.users) ?><ul class="rows"><?cs each:u = Data.users ?><li><div><a href="/settings/users/<?cs var:u.id ?>"><strong><?cs var:u.name ?></strong></a> <span class="quiet"><?cs var:u.email ?></span></div><?cs if:!u.active ?><?cs call:badge("neutral", T.users.inactive) ?><?cs /if ?></li><?cs /each ?></ul>
	<?cs else ?><p><?cs var:T.teams.nobody ?></p><?cs /if ?>
	<p class="note"><?cs var:T.teams.members_help ?></p>
	<div class="form-actions"><a class="button" href="/settings/users"><?cs var:T.users.title ?></a></div>
</section>
<?cs if:Page.empty ?><form class="card confirm-danger" method="post" action="/settings/teams/<?cs var:Page.id ?>/remove" aria-labelledby="remove">
	<h2 class="card-title" id="remove"><?cs var:T.teams.remove ?></h2>
	<?cs call:form_hidden() ?>
	<?cs call:fields(Page.remove) ?>
	<div class="form-actions"><button class="button button-danger" type="submit"><?cs var:T.teams.remove ?></button></div>
</form><?cs /if ?>
</div>
<?cs call:page_end() ?>
