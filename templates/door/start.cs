<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A workspace is asked for: Page.fields slug domain available, Data.regions. ?>
<?cs call:page_begin(T.sign_up.title) ?>
<?cs call:entry_begin() ?>
<form class="login-form" method="post" action="/sign-up">
	<h1><?cs var:T.sign_up.title ?></h1>
	<?cs call:form_error() ?>
	<?cs if:!Page.available ?><?cs call:flash("warning", T.link.unavailable) ?><?cs /if ?>
	<p><?cs var:T.sign_up.lead ?></p>
	<?cs call:form_hidden() ?>
	<fieldset class="field<?cs if:string.length(Page.errors.region) ?> wrong<?cs /if ?>" aria-describedby="region-note"><legend class="label"><?cs var:T.sign_up.where ?></legend>
		<?cs each:r = Data.regions ?><?cs if:r.here ?><label class="check"><input type="radio" name="region" value="<?cs var:r.region ?>" checked> <span><strong><?cs var:r.name ?></strong><br><?cs var:r.means ?></span></label><?cs else ?><p class="check"><?cs call:icon("right") ?> <span><a href="<?cs var:weburl(r.origin) ?>"><?cs var:fill(T.sign_up.instead, r.name) ?></a><br><?cs var:r.means ?></span></p><?cs /if ?><?cs /each ?>
		<div class="note" id="region-note"><?cs if:string.length(Page.errors.region) ?><p class="error"><?cs call:icon("danger") ?> <?cs var:Page.errors.region ?></p><?cs /if ?></div></fieldset>
	<?cs call:field(Page.fields.0) ?>
	<?cs set:Var.error = Page.errors.slug ?>
	<div class="field<?cs if:string.length(Var.error) ?> wrong<?cs /if ?>"><label class="label" for="f-slug"><?cs var:T.sign_up.slug ?> <span class="required"><?cs var:T.common.required ?></span></label>
		<input class="input" type="text" id="f-slug" name="slug" value="<?cs var:Page.slug ?>" required maxlength="40" autocomplete="off" autocapitalize="none" spellcheck="false" data-check="/api/v1/slug"<?cs if:string.length(Var.error) ?> aria-invalid="true"<?cs /if ?> aria-describedby="slug-note">
		<div class="note" id="slug-note"><?cs if:string.length(Var.error) ?><p class="error"><?cs call:icon("danger") ?> <?cs var:Var.error ?></p><?cs /if ?><p><?cs var:fill(T.sign_up.slug_hint, Page.domain) ?></p><p role="status" data-checked="slug"></p></div></div>
	<?cs call:field(Page.fields.1) ?>
	<div class="form-actions"><button class="button button-primary button-wide" type="submit"><?cs var:T.sign_up.submit ?></button></div>
	<p class="note"><a href="/workspaces"><?cs var:T.sign_up.find_title ?></a></p>
</form>
<?cs call:entry_end() ?>
<?cs call:page_end() ?>
