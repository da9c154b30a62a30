<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One incident: Page.steps of the five, Page.todo, Page.facts, Data.lists of who was exposed, Data.events. ?>
<?cs def:counts(list) ?><?cs each:c = list ?><li><?cs var:c.label ?> <span class="meta"><?cs var:thousands(c.n) ?></span></li><?cs /each ?><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<p class="intro"><?cs var:T.incidents.recommended ?></p>
<section class="card"><dl class="facts">
	<div><dt><?cs var:T.incidents.target_title ?></dt><dd><?cs var:Data.target ?></dd></div>
	<div><dt><?cs var:T.incidents.ceiling_title ?></dt><dd><?cs var:Data.ceiling ?></dd></div>
</dl></section>
<?cs if:subcount(Page.todo) ?><section class="card" aria-labelledby="next"><h2 class="card-title" id="next"><?cs var:T.requests.next ?></h2>
	<div class="actions"><?cs each:a = Page.todo ?><a class="button" href="<?cs var:path(a.url) ?>"><?cs var:a.label ?></a><?cs /each ?></div>
	<?cs if:string.length(Page.told_lacks) ?><p class="note"><?cs var:fill(T.incidents.told_after, Page.told_lacks) ?></p><?cs /if ?>
</section><?cs /if ?>
<section class="card" aria-labelledby="steps"><h2 class="card-title" id="steps"><?cs var:T.incidents.steps ?></h2>
	<p class="note"><?cs var:T.incidents.steps_help ?></p>
	<ol class="rows"><?cs each:s = Page.steps ?><li><div><strong><?cs var:s.step ?>. <?cs var:s.label ?></strong>
		<?cs if:string.length(s.closed) ?> <?cs call:badge("success", T.incidents.step_done) ?><?cs elif:string.length(s.started) ?> <?cs call:badge("info", T.incidents.step_begun) ?><?cs /if ?>
		<p class="quiet"><?cs var:s.help ?></p>
		<?cs if:?s.users_url ?><p><a href="<?cs var:path(s.users_url) ?>"><?cs var:T.incidents.lock_out ?></a></p><?cs /if ?>
		<?cs if:string.length(s.started) ?><p class="quiet"><?cs var:fill(T.incidents.step_from, s.started) ?><?cs if:string.length(s.closed) ?> <?cs var:fill(T.incidents.step_to, s.closed) ?><?cs /if ?></p><?cs /if ?>
		<?cs if:string.length(s.lacks) ?><p class="quiet"><?cs var:fill(T.incidents.close_after, s.lacks) ?></p><?cs /if ?></div>
		<?cs if:s.may_start ?><form method="post" action="/privacy/incidents/<?cs var:Data.id ?>/start"><?cs call:form_hidden() ?><input type="hidden" name="step" value="<?cs var:s.step ?>"><button class="button button-small" type="submit"><?cs var:T.incidents.action.start ?><span class="visually-hidden"> <?cs var:s.label ?></span></button></form><?cs /if ?>
		<?cs if:string.length(s.close_url) ?><a class="button button-small" href="<?cs var:path(s.close_url) ?>"><?cs var:T.incidents.action.close ?><span class="visually-hidden"> <?cs var:s.label ?></span></a><?cs /if ?></li><?cs /each ?></ol>
</section>
<section class="card" aria-labelledby="lists"><h2 class="card-title" id="lists"><?cs var:T.incidents.lists ?></h2>
	<?cs if:subcount(Data.lists) ?><ul class="rows"><?cs each:l = Data.lists ?><li><div><strong><?cs if:l.frozen ?><a href="<?cs var:path(l.url) ?>"><?cs var:l.people_text ?></a><?cs else ?><a href="<?cs var:path(l.job_url) ?>"><?cs var:l.state_word ?></a><?cs /if ?></strong> <?cs if:l.frozen ?><?cs call:badge("neutral", l.state_word) ?><?cs /if ?>
		<p class="quiet"><?cs each:w = l.windows ?><?cs if:!first(w) ?>; <?cs /if ?><?cs var:w.text ?><?cs /each ?><?cs each:p = l.picked ?> · <?cs var:p ?><?cs /each ?></p>
		<?cs if:l.frozen ?><ul class="points"><?cs call:counts(l.hows) ?></ul><ul class="points"><?cs call:counts(l.kinds) ?></ul><p class="quiet">SHA-256 <code><?cs var:l.digest ?></code></p><?cs else ?><?cs call:progress(l.done, 100, T.job.progress) ?><?cs /if ?></div></li><?cs /each ?></ul>
	<?cs else ?><p class="quiet"><?cs var:T.incidents.no_lists ?></p><?cs /if ?>
</section>
<div class="split">
<div class="split-side">
<section class="card" aria-labelledby="facts"><h2 class="card-title" id="facts"><?cs var:T.incidents.facts ?></h2>
	<dl class="definitions"><?cs each:f = Page.facts ?><dt><?cs var:f.label ?></dt><dd class="lines"><?cs var:f.text ?></dd><?cs /each ?></dl>
</section>
</div>
<div class="split-main">
<section class="card" aria-labelledby="history"><h2 class="card-title" id="history"><?cs var:T.requests.history ?></h2>
	<?cs call:timeline(Data.events) ?>
</section>
</div>
</div>
<?cs call:page_end() ?>
