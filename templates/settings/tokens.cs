<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A user's own tokens: Data.items; Page.token: the one just made, shown this once. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs if:string.length(Page.token) ?><section class="card secret" role="status" aria-labelledby="made">
	<h2 class="card-title" id="made"><?cs var:T.tokens.made ?></h2>
	<p><?cs var:T.tokens.once ?></p>
	<label class="label" for="token"><?cs var:T.tokens.token ?></label>
	<input class="input mono" id="token" value="<?cs var:Page.token ?>" readonly autocomplete="off" spellcheck="false">
	<p class="note"><?cs var:T.tokens.use ?> <code>Authorization: Bearer …</code></p>
</section><?cs /if ?>
<?cs if:subcount(Data.items) ?>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:Page.title ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.tokens.name ?></th><th scope="col"><?cs var:T.tokens.access ?></th><th scope="col"><?cs var:T.tokens.created ?></th><th scope="col"><?cs var:T.tokens.last_used ?></th><th scope="col"><?cs var:T.tokens.expires ?></th><th scope="col"><span class="visually-hidden"><?cs var:T.tokens.revoke ?></span></th></tr></thead>
<tbody><?cs each:t = Data.items ?><tr>
<td data-label="<?cs var:T.tokens.name ?>"><strong><?cs var:t.name ?></strong></td>
<td data-label="<?cs var:T.tokens.access ?>"><?cs call:tags(t.rights) ?></td>
<td data-label="<?cs var:T.tokens.created ?>"><?cs var:t.created ?></td>
<td data-label="<?cs var:T.tokens.last_used ?>"><?cs var:t.last_used ?></td>
<td data-label="<?cs var:T.tokens.expires ?>"><?cs var:t.expires ?></td>
<td class="end" data-label=""><form method="post" action="<?cs var:path(t.revoke_url) ?>"><?cs call:form_hidden() ?><button class="button button-small button-danger" type="submit"><?cs var:T.tokens.revoke ?><span class="visually-hidden"> <?cs var:t.name ?></span></button></form></td>
</tr><?cs /each ?></tbody>
</table></div></div>
<?cs else ?>
<div class="card"><?cs call:empty("lock", T.tokens.empty, T.tokens.empty_help) ?></div>
<?cs /if ?>
<div class="form-column">
<?cs call:form_error() ?>
<form class="card" method="post" action="/settings/tokens" aria-labelledby="new">
	<h2 class="card-title" id="new"><?cs var:T.tokens.add ?></h2>
	<?cs call:form_hidden() ?>
	<div class="form-grid"><?cs call:fields(Page.fields) ?></div>
	<p class="note"><?cs var:T.tokens.rights ?></p>
	<div class="form-actions"><button class="button button-primary" type="submit"><?cs var:T.tokens.add ?></button></div>
</form>
</div>
<?cs call:page_end() ?>
