<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A file has come by a link. ?>
<?cs call:page_begin(T.intake.thanks_title) ?>
<div class="heading"><div class="heading-text"><h1><?cs var:T.intake.thanks_title ?></h1>
<p class="subtitle"><?cs var:T.intake.thanks ?></p></div></div>
<?cs call:page_end() ?>
