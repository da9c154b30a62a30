<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The way into a grant: Data.url, good once, within a minute. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<div class="form-column">
<section class="card">
	<p><?cs var:T.desk.enter_help ?></p>
	<div class="form-actions"><a class="button button-primary" href="<?cs var:weburl(Data.url) ?>" rel="noreferrer"><?cs var:T.desk.enter ?></a><a class="button button-quiet" href="/"><?cs var:T.common.cancel ?></a></div>
</section>
</div>
<?cs call:page_end() ?>
