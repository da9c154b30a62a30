<?cs # SPDX-License-Identifier: ISC ?>
<?cs # What the last leak test came to: Data is its report. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<p class="intro"><?cs var:T.leaktest.intro ?></p>
<section class="card" aria-labelledby="result">
	<h2 class="card-title" id="result"><?cs var:T.leaktest.result ?></h2>
	<p class="lead"><?cs call:badge(Page.state_kind, T.leaktest.state[Data.state]) ?></p>
	<?cs if:Data.running ?><p class="note"><?cs var:T.leaktest.running ?></p><?cs /if ?>
	<?cs if:subcount(Page.facts) ?><?cs call:definitions(Page.facts) ?><?cs /if ?>
	<?cs if:Page.may_run && !Data.running ?><form method="post" action="/settings/leaktest"><?cs call:form_hidden() ?><div class="form-actions"><button class="button" type="submit"><?cs var:T.leaktest.run ?></button></div></form><?cs /if ?>
</section>
<?cs if:subcount(Page.hits) ?><section class="group" aria-labelledby="hits"><h2 class="group-title" id="hits"><?cs var:T.leaktest.hits ?> <span class="count"><?cs var:thousands(Data.leaks) ?></span></h2>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-labelledby="hits"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.leaktest.profile ?></th><th scope="col"><?cs var:T.leaktest.route ?></th><th scope="col"><?cs var:T.leaktest.kind ?></th><th scope="col"><?cs var:T.leaktest.what ?></th><th scope="col"><?cs var:T.leaktest.where ?></th></tr></thead>
<tbody><?cs each:h = Page.hits ?><tr>
<td data-label="<?cs var:T.leaktest.profile ?>"><strong><?cs var:h.profile ?></strong></td>
<td data-label="<?cs var:T.leaktest.route ?>"><span class="mono"><?cs var:h.route ?></span> <span class="quiet"><?cs var:h.surface ?></span></td>
<td data-label="<?cs var:T.leaktest.kind ?>"><?cs var:h.how ?></td>
<td data-label="<?cs var:T.leaktest.what ?>"><span class="mono"><?cs var:h.what ?></span></td>
<td data-label="<?cs var:T.leaktest.where ?>"><span class="mono"><?cs var:h.where ?></span></td>
</tr><?cs /each ?></tbody>
</table></div></div></section><?cs /if ?>
<?cs if:subcount(Data.not_called) ?><details class="card fold"><summary class="card-title"><?cs var:T.leaktest.not_called ?> <span class="count"><?cs var:subcount(Data.not_called) ?></span></summary>
	<p class="note"><?cs var:T.leaktest.not_called_help ?></p>
	<ul class="points"><?cs each:n = Data.not_called ?><li class="mono"><?cs var:n ?></li><?cs /each ?></ul>
</details><?cs /if ?>
<?cs if:subcount(Data.blank) ?><details class="card fold"><summary class="card-title"><?cs var:T.leaktest.blank ?> <span class="count"><?cs var:subcount(Data.blank) ?></span></summary>
	<p class="note"><?cs var:T.leaktest.blank_help ?></p>
	<ul class="points"><?cs each:n = Data.blank ?><li class="mono"><?cs var:n ?></li><?cs /each ?></ul>
</details><?cs /if ?>
<?cs call:page_end() ?>
