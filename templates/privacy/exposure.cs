<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Who was exposed: Data.items, a page of them; Data is the list. ?>
<?cs def:words(list) ?><?cs each:w = list ?><?cs if:!first(w) ?>, <?cs /if ?><?cs var:w ?><?cs /each ?><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs if:!Data.frozen ?><?cs call:flash("info", Data.state_word) ?><section class="card"><?cs call:progress(Data.done, 100, T.job.progress) ?><p><a href="<?cs var:path(Data.job_url) ?>"><?cs var:T.incidents.follow ?></a></p></section><?cs /if ?>
<?cs if:Data.checked ?><?cs if:Data.whole ?><?cs call:flash("success", T.incidents.whole) ?><?cs else ?><?cs call:flash("danger", T.incidents.not_whole) ?><?cs /if ?><?cs /if ?>
<section class="card" aria-labelledby="about"><h2 class="card-title" id="about"><?cs var:Data.people_text ?></h2>
	<dl class="definitions">
		<dt><?cs var:T.incidents.windows ?></dt><dd><?cs each:w = Data.windows ?><?cs if:!first(w) ?>; <?cs /if ?><?cs var:w.text ?><?cs /each ?></dd>
		<?cs if:subcount(Data.picked) ?><dt><?cs var:T.incidents.picked ?></dt><dd><?cs call:words(Data.picked) ?></dd><?cs /if ?>
		<?cs each:c = Data.hows ?><dt><?cs var:c.label ?></dt><dd><?cs var:thousands(c.n) ?></dd><?cs /each ?>
		<?cs each:c = Data.kinds ?><dt><?cs var:c.label ?></dt><dd><?cs var:thousands(c.n) ?></dd><?cs /each ?>
		<?cs if:string.length(Data.digest) ?><dt>SHA-256</dt><dd><code><?cs var:Data.digest ?></code> <a href="<?cs var:path(Page.check_url) ?>"><?cs var:T.incidents.check ?></a></dd><?cs /if ?>
	</dl>
	<p class="note"><?cs var:T.incidents.frozen_help ?></p>
</section>
<?cs if:subcount(Data.items) ?><div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:Page.title ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.incidents.who ?></th><th scope="col"><?cs var:T.incidents.how_title ?></th><th scope="col"><?cs var:T.incidents.fields ?></th><th scope="col"><?cs var:T.incidents.times ?></th><th scope="col"><?cs var:T.incidents.first ?></th><th scope="col"><?cs var:T.incidents.last ?></th></tr></thead>
<tbody><?cs each:p = Data.items ?><tr>
<td data-label="<?cs var:T.incidents.who ?>"><?cs if:string.length(p.url) ?><a href="<?cs var:path(p.url) ?>"><?cs var:p.who ?></a><?cs else ?><?cs var:p.who ?><?cs /if ?></td>
<td data-label="<?cs var:T.incidents.how_title ?>"><?cs call:words(p.how_words) ?></td>
<td class="wide-cell" data-label="<?cs var:T.incidents.fields ?>"><?cs if:subcount(p.fields) > #6 ?><details class="event-details"><summary><?cs var:fill(T.viewers.fields, subcount(p.fields)) ?></summary><p class="quiet"><?cs call:words(p.fields) ?></p></details><?cs else ?><span class="quiet"><?cs call:words(p.fields) ?></span><?cs /if ?></td>
<td data-label="<?cs var:T.incidents.times ?>"><?cs var:thousands(p.times) ?></td>
<td data-label="<?cs var:T.incidents.first ?>"><?cs var:p.first ?></td>
<td data-label="<?cs var:T.incidents.last ?>"><?cs var:p.last ?></td>
</tr><?cs /each ?></tbody></table></div></div><?cs /if ?>
<?cs call:pager() ?>
<?cs call:page_end() ?>
