<?cs # SPDX-License-Identifier: ISC ?>
<?cs call:page_begin(T.receipt.title) ?>
<?cs call:heading(T.receipt.title) ?>
<?cs call:form_error() ?>
<div class="form-column">
<?cs if:Data.state == "ordered" ?>
<section class="card"><h2 class="card-title"><?cs var:T.receipt.ordered ?></h2>
<p><?cs var:T.receipt.ordered_hint ?></p>
<dl class="definitions">
<dt><?cs var:T.entity.contact.one ?></dt><dd><a href="/contacts/<?cs var:Data.contact ?>"><?cs var:Data.contact ?></a></dd>
<dt><?cs var:T.receipt.ordered_at ?></dt><dd><?cs var:Page.ordered ?></dd>
</dl>
</section>
<?cs else ?>
<section class="card">
<dl class="definitions">
<dt><?cs var:T.entity.contact.one ?></dt><dd><a href="/contacts/<?cs var:Data.contact ?>"><?cs var:fill(T.receipt.of, Data.contact) ?></a></dd>
<dt><?cs var:T.receipt.when ?></dt><dd><?cs var:Data.stages.0.when ?></dd>
<dt><?cs var:T.receipt.by ?></dt><dd><?cs var:Data.erased_by ?></dd>
<dt><?cs var:T.receipt.reason ?></dt><dd><?cs var:Page.reason ?></dd>
</dl>
</section>
<section class="card"><h2 class="card-title"><?cs var:T.receipt.stages ?></h2>
<dl class="definitions">
<?cs each:s = Data.stages ?><dt><?cs var:s.label ?></dt><dd><?cs if:?s.when ?><?cs var:s.when ?><?cs else ?><span class="quiet"><?cs var:T.receipt.waiting ?></span><?cs /if ?></dd>
<?cs /each ?></dl>
<?cs if:?Page.job.id ?><div data-job="<?cs var:Page.job.id ?>" aria-live="polite"><?cs if:Page.job.total ?><?cs call:progress(Page.job.done, Page.job.total, T.job.progress) ?><?cs /if ?></div><?cs /if ?>
</section>
<section class="card"><h2 class="card-title"><?cs var:T.receipt.cleared ?></h2>
<dl class="definitions">
<dt><?cs var:T.receipt.fields ?></dt><dd><?cs each:f = Page.fields ?><span class="tag"><?cs var:f ?></span> <?cs /each ?></dd>
<dt><?cs var:T.receipt.messages ?></dt><dd><?cs var:thousands(Data.cleared.messages) ?></dd>
<dt><?cs var:T.receipt.activities ?></dt><dd><?cs var:thousands(Data.cleared.activities) ?></dd>
<dt><?cs var:T.receipt.attachments ?></dt><dd><?cs var:thousands(Data.cleared.attachments) ?></dd>
<dt><?cs var:T.receipt.exports ?></dt><dd><?cs var:thousands(Data.cleared.exports) ?></dd>
<dt><?cs var:T.receipt.old_values ?></dt><dd><?cs var:T.receipt.unreadable ?></dd>
</dl>
</section>
<section class="card"><h2 class="card-title"><?cs var:T.receipt.kept ?></h2>
<?cs if:subcount(Page.kept) ?>
<div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.receipt.kept ?>"><table class="table"><thead><tr><th scope="col"><?cs var:T.receipt.what ?></th><th scope="col" class="end"><?cs var:T.receipt.count ?></th><th scope="col"><?cs var:T.receipt.law ?></th><th scope="col"><?cs var:T.receipt.until ?></th></tr></thead><tbody>
<?cs each:k = Page.kept ?><tr><td data-label="<?cs var:T.receipt.what ?>"><?cs var:k.what ?></td><td class="end" data-label="<?cs var:T.receipt.count ?>"><?cs var:thousands(k.count) ?></td><td data-label="<?cs var:T.receipt.law ?>"><?cs var:k.law ?></td><td data-label="<?cs var:T.receipt.until ?>"><?cs var:k.until ?></td></tr>
<?cs /each ?></tbody></table></div>
<?cs if:?Page.kept_url ?><p><a href="<?cs var:path(Page.kept_url) ?>"><?cs var:T.kept_law.open ?></a></p><?cs /if ?>
<?cs else ?><p><?cs var:T.receipt.nothing_kept ?></p><?cs /if ?>
<p class="quiet"><?cs var:T.receipt.backups ?></p>
</section>
<section class="card"><h2 class="card-title"><?cs var:T.receipt.papers ?></h2>
<p><?cs var:T.receipt.papers_hint ?></p>
<?cs if:subcount(Data.papers) ?><ul class="points"><?cs each:p = Data.papers ?><li><?cs var:string.slice(p.made_at, 0, 10) ?> <code class="lines"><?cs var:p.sha256 ?></code></li><?cs /each ?></ul><?cs /if ?>
<?cs if:Page.paper ?><form class="actions" method="post" action="/contacts/<?cs var:Data.contact ?>/erase/pdf"><?cs call:form_hidden() ?><button class="button" type="submit"><?cs var:T.receipt.pdf ?></button></form><?cs /if ?>
</section>
<?cs if:Data.scan_incomplete ?><?cs call:flash("warning", T.receipt.scan_incomplete) ?><?cs /if ?>
<?cs if:subcount(Page.remains) ?>
<section class="card" id="remains"><h2 class="card-title"><?cs var:T.receipt.remains ?></h2>
<p><?cs var:T.receipt.remains_hint ?></p>
<ul class="rows"><?cs each:r = Page.remains ?><li><div><?cs if:?r.url ?><a href="<?cs var:path(r.url) ?>"><?cs var:r.label ?></a><?cs else ?><?cs var:r.label ?><?cs /if ?> <?cs if:?r.decision ?><?cs if:r.decision == "kept" ?><?cs call:badge("warning", r.word) ?><?cs else ?><?cs call:badge("success", r.word) ?><?cs /if ?><div class="quiet"><?cs if:?r.why ?><?cs var:r.why ?>, <?cs /if ?><?cs var:r.by ?>, <?cs var:r.day ?></div><?cs else ?><?cs call:badge("danger", T.receipt.undecided) ?><?cs /if ?></div>
<details<?cs if:r.entity == Page.typed.entity && r.id == Page.typed.record_id && string.length(Page.errors.reason) ?> open<?cs /if ?>><summary><?cs var:T.receipt.decide ?></summary><form class="actions" method="post" action="/contacts/<?cs var:Data.contact ?>/erase/remains"><?cs call:form_hidden() ?><input type="hidden" name="entity" value="<?cs var:r.entity ?>"><input type="hidden" name="record_id" value="<?cs var:r.id ?>">
<?cs if:r.entity != "letter" ?><button class="button" type="submit" name="decision" value="cleared"><?cs var:T.receipt.decision.cleared ?></button><?cs /if ?>
<select class="input" name="reason"<?cs if:r.entity == Page.typed.entity && r.id == Page.typed.record_id && string.length(Page.errors.reason) ?> aria-invalid="true" aria-describedby="reason-note"<?cs /if ?> aria-label="<?cs var:T.receipt.why_label ?>"><option value=""><?cs var:T.common.choose ?></option><?cs each:w = Page.why ?><option value="<?cs var:w.value ?>"><?cs var:w.label ?></option><?cs /each ?></select> <button class="button" type="submit" name="decision" value="kept"><?cs var:T.receipt.decision.kept ?></button></form><?cs if:r.entity == Page.typed.entity && r.id == Page.typed.record_id && string.length(Page.errors.reason) ?><p class="error" id="reason-note"><?cs call:icon("danger") ?> <?cs var:Page.errors.reason ?></p><?cs /if ?></details></li><?cs /each ?></ul>
</section>
<?cs /if ?>
<?cs /if ?>
</div>
<?cs call:page_end() ?>
