<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The audit log, of everybody or of one person (Page.contact_id). ?>
<?cs if:?Page.contact_id ?><?cs set:Var.title = T.audit.person ?><?cs else ?><?cs set:Var.title = T.audit.title ?><?cs /if ?>
<?cs call:page_begin(Var.title) ?>
<?cs if:?Page.contact_id ?><nav class="crumbs" aria-label="<?cs var:T.chrome.crumbs ?>"><ol><li><a href="/contacts/<?cs var:Page.contact_id ?>"><?cs var:T.entity.contact.one ?> <?cs var:Page.contact_id ?></a><?cs call:icon("right") ?></li></ol></nav><?cs /if ?>
<?cs call:heading(Var.title) ?>
<p class="intro"><?cs var:T.audit.lead ?></p>
<details class="card fold"<?cs if:subcount(Page.values) ?> open<?cs /if ?>><summary class="card-title"><?cs call:icon("filter") ?><?cs var:T.list.filters ?></summary>
<form role="search" method="get">
	<div class="filters-grid">
		<div class="field"><label class="label" for="from"><?cs var:T.audit.from ?></label><input class="input" type="date" id="from" name="from" value="<?cs var:Page.values.from ?>"></div>
		<div class="field"><label class="label" for="to"><?cs var:T.audit.to ?></label><input class="input" type="date" id="to" name="to" value="<?cs var:Page.values.to ?>"></div>
		<div class="field"><label class="label" for="action"><?cs var:T.audit.what ?></label><select class="input" id="action" name="action"><option value=""><?cs var:T.common.any ?></option><?cs each:o = Page.action_options ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.label ?></option><?cs /each ?></select></div>
		<div class="field"><label class="label" for="actor"><?cs var:T.audit.actor ?></label><input class="input" id="actor" name="actor" inputmode="numeric" value="<?cs var:Page.values.actor ?>" maxlength="18" autocomplete="off"></div>
		<?cs if:!?Page.contact_id ?><div class="field"><label class="label" for="contact"><?cs var:T.audit.contact ?></label><input class="input" id="contact" name="contact" inputmode="numeric" value="<?cs var:Page.values.contact ?>" maxlength="18" autocomplete="off"></div><?cs /if ?>
		<div class="field"><label class="label" for="ip"><?cs var:T.audit.ip ?></label><input class="input" id="ip" name="ip" value="<?cs var:Page.values.ip ?>" maxlength="45" autocomplete="off"></div>
	</div>
	<div class="form-actions"><button class="button" type="submit"><?cs call:icon("filter") ?><span><?cs var:T.list.apply ?></span></button></div>
</form></details>
<?cs if:subcount(Data.items) ?>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:Var.title ?>"><table class="table">
<thead><tr><th scope="col"><?cs var:T.audit.when ?></th><th scope="col"><?cs var:T.audit.who ?></th><th scope="col"><?cs var:T.audit.what ?></th><th scope="col"><?cs var:T.audit.whose ?></th><th scope="col"><?cs var:T.audit.fields ?></th><th scope="col"><?cs var:T.audit.from_where ?></th></tr></thead>
<tbody>
<?cs each:e = Data.items ?><tr>
<td data-label="<?cs var:T.audit.when ?>"><time datetime="<?cs var:e.at ?>"><?cs var:e.when ?></time></td>
<td data-label="<?cs var:T.audit.who ?>"><?cs var:e.who ?></td>
<td data-label="<?cs var:T.audit.what ?>"><?cs var:e.action_label ?><?cs if:e.outcome != "ok" ?> <?cs call:badge("danger", T.audit.outcome_label[e.outcome]) ?><?cs /if ?></td>
<td data-label="<?cs var:T.audit.whose ?>"><?cs if:?e.subject_url ?><a href="<?cs var:path(e.subject_url) ?>"><?cs var:e.subject ?></a><?cs if:?e.more ?> <span class="quiet"><?cs var:fill(T.audit.more, e.more) ?></span><?cs /if ?><?cs /if ?></td>
<td class="wrap" data-label="<?cs var:T.audit.fields ?>"><?cs if:subcount(e.changes) ?><?cs call:changes(e.changes) ?><?cs else ?><span class="quiet"><?cs each:f = e.fields ?><?cs var:f ?><?cs if:!last(f) ?>, <?cs /if ?><?cs /each ?></span><?cs /if ?></td>
<td data-label="<?cs var:T.audit.from_where ?>"><?cs var:e.ip ?> <span class="quiet"><?cs var:e.agent ?></span></td>
</tr>
<?cs /each ?></tbody>
</table></div></div>
<?cs if:?Data.next ?><nav class="pager" aria-label="<?cs var:T.list.pages ?>"><span></span><a class="button" rel="next" href="?after=<?cs var:url_escape(Data.next) ?>&amp;from=<?cs var:url_escape(Page.values.from) ?>&amp;to=<?cs var:url_escape(Page.values.to) ?>&amp;action=<?cs var:url_escape(Page.values.action) ?>&amp;actor=<?cs var:url_escape(Page.values.actor) ?>&amp;contact=<?cs var:url_escape(Page.values.contact) ?>&amp;ip=<?cs var:url_escape(Page.values.ip) ?>"><span><?cs var:T.audit.older ?></span><?cs call:icon("right") ?></a></nav><?cs /if ?>
<?cs else ?><div class="card"><?cs call:empty("audit", T.audit.empty, T.audit.lead) ?></div><?cs /if ?>
<?cs call:page_end() ?>
