<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One grant: Data, and Data.seen: every page that was seen inside it. ?>
<?cs def:grant_fact(label, text) ?><?cs if:string.length(text) ?><div><dt><?cs var:label ?></dt><dd><?cs var:text ?></dd></div><?cs /if ?><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<dl class="facts card">
	<?cs call:grant_fact(T.support.operator, Data.operator) ?>
	<?cs call:grant_fact(T.support.state_title, Data.state_label) ?>
	<?cs call:grant_fact(T.support.reason, Data.reason) ?>
	<?cs call:grant_fact(T.support.scope_title, Data.scope_label) ?>
	<?cs call:grant_fact(T.support.hours, Data.hours) ?>
	<?cs call:grant_fact(T.support.asked_title, Data.asked_at_shown) ?>
	<?cs call:grant_fact(T.support.given_title, Data.given_at_shown) ?>
	<?cs call:grant_fact(T.support.given_by, Data.given_by) ?>
	<?cs call:grant_fact(T.support.ends_title, Data.ends_at_shown) ?>
	<?cs call:grant_fact(T.support.ended_title, Data.ended_at_shown) ?>
	<?cs call:grant_fact(T.support.ended_by, Data.ended_by) ?>
</dl>
<?cs if:Data.state == "active" ?><form class="card" method="post" action="/settings/support/<?cs var:Data.id ?>/revoke"><?cs call:form_hidden() ?><div class="form-actions"><button class="button button-danger" type="submit"><?cs var:T.support.revoke ?></button></div></form><?cs /if ?>
<h2 class="group-title"><?cs var:T.support.seen ?></h2>
<?cs if:subcount(Data.seen) ?>
<div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.support.seen ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.audit.when ?></th><th scope="col"><?cs var:T.audit.what ?></th><th scope="col"><?cs var:T.audit.records ?></th><th scope="col"><?cs var:T.audit.route ?></th><th scope="col"><?cs var:T.audit.ip ?></th></tr></thead>
<tbody><?cs each:e = Data.seen ?><tr>
<td class="nowrap" data-label="<?cs var:T.audit.when ?>"><time datetime="<?cs var:e.at ?>"><?cs var:e.when ?></time></td>
<td data-label="<?cs var:T.audit.what ?>"><?cs var:e.action_label ?><?cs if:e.outcome != "ok" ?> <?cs call:badge("danger", T.audit.outcome_label[e.outcome]) ?><?cs /if ?></td>
<td data-label="<?cs var:T.audit.records ?>"><?cs var:e.entity_label ?> <?cs each:id = e.record_ids ?><?cs var:id ?> <?cs /each ?><?cs if:#e.count > #10 ?><span class="quiet">(<?cs var:thousands(e.count) ?>)</span><?cs /if ?></td>
<td data-label="<?cs var:T.audit.route ?>"><?cs var:e.route ?></td>
<td data-label="<?cs var:T.audit.ip ?>"><?cs var:e.ip ?></td>
</tr><?cs /each ?></tbody>
</table></div></div>
<?cs if:?Data.next ?><nav class="pager" aria-label="<?cs var:T.list.pages ?>"><span></span><a class="button" rel="next" href="?after=<?cs var:url_escape(Data.next) ?>"><span><?cs var:T.audit.older ?></span><?cs call:icon("right") ?></a></nav><?cs /if ?>
<?cs else ?><div class="card"><?cs call:empty("audit", T.support.seen_empty, T.support.seen_empty_help) ?></div><?cs /if ?>
<?cs call:page_end() ?>
