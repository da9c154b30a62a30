<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Who may sign in. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:form_error() ?>
<div class="card card-flush"><?cs call:table(Page.columns, Page.rows) ?></div>
<?cs call:pager() ?>
<?cs call:page_end() ?>
