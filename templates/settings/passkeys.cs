<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One's own passkeys: Data.items.N.name since used url; Page.required; Page.suggestion: a name for the next; Page.recovery_codes: shown this once. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<?cs if:Page.required ?><?cs call:flash("warning", T.two_step.required) ?><?cs /if ?>
<?cs call:recovery_codes() ?>
<?cs call:form_error() ?>
<section class="card" aria-labelledby="own">
	<h2 class="card-title" id="own"><?cs var:T.passkeys.own ?></h2>
	<p class="note"><?cs var:T.passkeys.lead ?></p>
	<?cs if:subcount(Data.items) ?><ul class="rows"><?cs each:k = Data.items ?><li>
		<div><strong><?cs var:k.name ?></strong>
			<p class="quiet"><?cs var:fill(T.passkeys.since, k.since) ?> · <?cs if:?k.used ?><?cs var:fill(T.passkeys.used, k.used) ?><?cs else ?><?cs var:T.passkeys.never ?><?cs /if ?></p>
			<details><summary class="button button-small"><?cs var:T.passkeys.rename ?></summary>
				<form method="post" action="<?cs var:path(k.url) ?>"><?cs call:form_hidden() ?><label class="visually-hidden" for="k-<?cs var:k.id ?>"><?cs var:T.passkeys.name ?></label><input class="input" id="k-<?cs var:k.id ?>" name="name" value="<?cs var:k.name ?>" required maxlength="60" autocomplete="off"> <button class="button button-small" type="submit"><?cs var:T.common.save ?></button></form></details></div>
		<form method="post" action="<?cs var:path(k.url) ?>/remove"><?cs call:form_hidden() ?><button class="button button-small button-danger" type="submit"><?cs var:T.passkeys.remove ?></button></form>
	</li><?cs /each ?></ul><?cs else ?><p><?cs var:T.passkeys.none ?></p><?cs /if ?>
</section>
<section class="card" aria-labelledby="add">
	<h2 class="card-title" id="add"><?cs var:T.passkeys.add ?></h2>
	<p class="note" data-without-passkey><?cs var:T.passkeys.script ?></p>
	<form method="post" action="/settings/account/passkeys" data-passkey="create" data-challenge="/api/v1/me/passkeys/challenge" data-purpose="new" hidden>
		<?cs call:form_hidden() ?>
		<?cs call:passkey_part("", "client_data") ?><?cs call:passkey_part("", "attestation") ?>
		<?cs call:plain_field("name", T.passkeys.name, "text", Page.suggestion, T.passkeys.name_hint, 1) ?>
		<?cs call:passkey_errors() ?>
		<div class="form-actions"><button class="button button-primary" type="submit"><?cs call:icon("lock") ?><span><?cs var:T.passkeys.add ?></span></button></div>
	</form>
</section>
</div>
<?cs call:passkey_script() ?>
<?cs call:page_end() ?>
