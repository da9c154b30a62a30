<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Assigning several: how many of those chosen can be. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:form_heading(Page.title) ?>
<div class="form-column">
<form class="card" method="post" action="/privacy/assign">
	<?cs call:form_hidden() ?>
	<p class="lead"><?cs var:Page.can ?></p>
	<?cs if:subcount(Page.cannot) ?><p><?cs var:T.requests.cannot ?></p><ul class="points"><?cs each:c = Page.cannot ?><li><?cs var:c ?></li><?cs /each ?></ul><?cs /if ?>
	<?cs each:i = Page.ids ?><input type="hidden" name="ids" value="<?cs var:i ?>"><?cs /each ?>
	<?cs if:?Page.assignee_id ?><input type="hidden" name="assignee_id" value="<?cs var:Page.assignee_id ?>"><?cs /if ?>
	<input type="hidden" name="confirm" value="1">
	<?cs if:subcount(Page.ids) ?><?cs call:form_actions(T.requests.assign, "/privacy") ?><?cs else ?><div class="form-actions"><a class="button" href="/privacy"><?cs var:T.common.back ?></a></div><?cs /if ?>
</form>
</div>
<?cs call:page_end() ?>
