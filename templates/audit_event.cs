<?cs # SPDX-License-Identifier: ISC ?>
<?cs # One event of the audit log: Data, the API's object and its words. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<section class="card">
	<dl class="facts">
		<div><dt><?cs var:T.audit.when ?></dt><dd><time datetime="<?cs var:Data.at ?>"><?cs var:Data.when ?></time></dd></div>
		<div><dt><?cs var:T.audit.who ?></dt><dd><?cs if:?Data.actor && Data.actor_kind == "user" ?><a href="/audit?actor=<?cs var:Data.actor ?>"><?cs var:Data.who ?></a><?cs else ?><?cs var:Data.who ?><?cs /if ?></dd></div>
		<div><dt><?cs var:T.audit.what ?></dt><dd><?cs call:badge(Data.action_kind, Data.action_label) ?><?cs if:Data.outcome != "ok" ?> <?cs call:badge("danger", T.audit.outcome_label[Data.outcome]) ?><?cs /if ?></dd></div>
		<?cs call:audit_fact(T.audit.entity, Data.entity_label) ?>
		<?cs call:audit_fact(T.audit.reason, Data.reason_label) ?>
		<?cs if:?Data.subject_url ?><div><dt><?cs var:T.audit.whose ?></dt><dd><a href="<?cs var:path(Data.subject_url) ?>"><?cs var:Data.subject ?></a><?cs if:?Data.more ?> <span class="quiet"><?cs var:fill(T.audit.more, thousands(Data.more)) ?></span><?cs /if ?></dd></div><?cs /if ?>
		<?cs call:audit_fact(T.audit.ip, Data.ip) ?>
		<?cs call:audit_fact(T.audit.agent, Data.agent) ?>
	</dl>
	<?cs call:audit_facts(Data) ?>
</section>
<p class="pager"><span></span><?cs if:?Data.session ?><a class="button" href="/audit?session=<?cs var:Data.session ?>"><?cs call:icon("audit") ?><span><?cs var:T.audit.same_session ?></span></a><?cs /if ?></p>
<?cs call:page_end() ?>
