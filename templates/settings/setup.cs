<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The first six steps: Data.steps (done, label, text, url); Page.hkid in words, or Page.no_hkid_url to decide. ?>
<?cs def:setup_step(s) ?><?cs if:s.done ?><?cs call:icon("done") ?><?cs else ?><?cs call:icon("clock") ?><?cs /if ?><span class="choice-text"><strong><?cs var:s.label ?></strong><span class="quiet"><?cs var:s.text ?></span><span class="quiet"><?cs if:s.done ?><?cs var:T.setup.done ?><?cs if:s.step == "hkid" ?>: <?cs var:Page.hkid ?><?cs /if ?><?cs else ?><?cs var:T.setup.open ?><?cs /if ?></span></span><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<div class="narrow">
<?cs call:heading(Page.title) ?>
<p><?cs var:T.setup.lead ?></p>
<ol class="choices"><?cs each:s = Data.steps ?><li>
	<?cs if:?s.url ?><a class="card choice" href="<?cs var:path(s.url) ?>"><?cs call:setup_step(s) ?><?cs call:icon("right") ?></a><?cs else ?><div class="card choice"><?cs call:setup_step(s) ?></div><?cs /if ?>
</li><?cs /each ?></ol>
<?cs if:?Page.no_hkid_url ?><form class="card" method="post" action="<?cs var:path(Page.no_hkid_url) ?>">
	<?cs call:form_hidden() ?>
	<p><?cs var:T.setup.no_hkid_text ?></p>
	<div class="form-actions"><button class="button" type="submit"><?cs var:T.setup.no_hkid ?></button></div>
</form><?cs /if ?>
</div>
<?cs call:page_end() ?>
