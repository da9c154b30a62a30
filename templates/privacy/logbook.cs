<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The log book: Data.items, newest first; Page.fields choose days. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<?cs if:string.length(Page.range) ?><p class="print"><?cs var:T.logbook.entered ?>: <?cs var:Page.range ?></p><?cs /if ?>
<form class="card screen" method="get" action="/privacy/logbook"><div class="form-grid"><?cs call:fields(Page.fields) ?></div><div class="form-actions"><button class="button" type="submit"><?cs var:T.logbook.show ?></button><a class="button button-quiet" href="<?cs var:path(Page.export_url) ?>"><?cs call:icon("download") ?><span><?cs var:T.logbook.export ?></span></a></div></form>
<?cs if:subcount(Data.items) ?><?cs each:l = Data.items ?><section class="card" aria-labelledby="e<?cs var:l.id ?>">
	<h2 class="card-title" id="e<?cs var:l.id ?>"><?cs var:fill(T.logbook.entry, l.id) ?><?cs if:l.late ?> <?cs call:badge("danger", T.requests.badge.late) ?><?cs /if ?></h2>
	<dl class="definitions">
		<dt><?cs var:T.requests.reference_title ?></dt><dd><a href="<?cs var:path(l.url) ?>"><?cs var:l.reference ?></a></dd>
		<dt><?cs var:T.requests.kind_title ?></dt><dd><?cs var:l.kind_word ?></dd>
		<dt><?cs var:T.logbook.entered ?></dt><dd><?cs var:l.entered ?><?cs if:string.length(l.entered_by) ?> · <?cs var:l.entered_by ?><?cs /if ?></dd>
		<?cs if:string.length(l.requestor) ?><dt><?cs var:T.requests.name_title ?></dt><dd><?cs var:l.requestor ?></dd><?cs /if ?>
		<dt><?cs var:T.requests.received_title ?></dt><dd><?cs var:l.received ?></dd>
		<dt><?cs var:T.requests.ground_title ?></dt><dd><?cs var:l.ground_word ?></dd>
		<?cs if:string.length(l.reasons) ?><dt><?cs var:T.requests.reason_title ?></dt><dd class="lines"><?cs var:l.reasons ?></dd><?cs /if ?>
		<?cs if:string.length(l.prejudice) ?><dt><?cs var:T.requests.prejudice_title ?></dt><dd class="lines"><?cs var:l.prejudice ?></dd><?cs /if ?>
		<dt><?cs var:T.logbook.notice ?></dt><dd><?cs var:l.notice ?></dd>
		<?cs if:?l.corrects ?><dt><?cs var:T.logbook.corrects ?></dt><dd><?cs var:l.corrects ?></dd><?cs /if ?>
	</dl>
	<details class="fold screen"<?cs if:l.id == Page.sent && string.length(Page.errors.reasons) ?> open<?cs /if ?>><summary class="card-title"><?cs var:T.logbook.correct ?></summary><form method="post" action="/privacy/logbook/<?cs var:l.id ?>/correct"><?cs call:form_hidden() ?>
		<label class="label" for="r<?cs var:l.id ?>"><?cs var:T.logbook.wrong ?></label><textarea class="input" id="r<?cs var:l.id ?>" name="reasons" rows="3" maxlength="4000" required<?cs if:l.id == Page.sent && string.length(Page.errors.reasons) ?> aria-invalid="true" aria-describedby="reasons-note"<?cs /if ?>><?cs if:l.id == Page.sent && string.length(Page.errors.reasons) ?><?cs var:Page.typed.reasons ?><?cs /if ?></textarea><?cs if:l.id == Page.sent && string.length(Page.errors.reasons) ?><p class="error" id="reasons-note"><?cs call:icon("danger") ?> <?cs var:Page.errors.reasons ?></p><?cs /if ?>
		<div class="form-actions"><button class="button" type="submit"><?cs var:T.logbook.correct ?></button></div></form></details>
</section><?cs /each ?>
<?cs else ?><div class="card"><?cs call:empty("privacy", T.logbook.empty, T.logbook.empty_help) ?></div><?cs /if ?>
<?cs call:pager() ?>
<?cs call:page_end() ?>
