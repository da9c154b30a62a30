<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A question before what cannot be taken back. ?>
<?cs call:page_begin(Page.title) ?>
<div class="narrow">
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<form class="card confirm<?cs if:Page.danger ?> confirm-danger<?cs /if ?>" method="post" action="<?cs var:path(Page.action) ?>">
	<?cs call:form_hidden() ?>
	<?cs if:string.length(Page.text) ?><p class="lead"><?cs var:Page.text ?></p><?cs /if ?>
	<?cs if:subcount(Page.points) ?><ul class="points"><?cs each:x = Page.points ?><li><?cs var:x ?></li><?cs /each ?></ul><?cs /if ?>
	<?cs call:fields(Page.fields) ?>
	<div class="form-actions">
		<button class="button <?cs if:Page.danger ?>button-danger<?cs else ?>button-primary<?cs /if ?>" type="submit"><?cs if:string.length(Page.submit) ?><?cs var:Page.submit ?><?cs else ?><?cs var:T.common.continue ?><?cs /if ?></button>
		<a class="button button-quiet" href="<?cs var:path(Page.cancel_url) ?>"><?cs var:T.common.cancel ?></a>
	</div>
</form>
</div>
<?cs call:page_end() ?>
