<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A file has come by a link. ?>
<?cs call:page_begin(T.intake.thanks_title) ?>
<h1><?cs var:T.intake.thanks_title ?></h1>
<p><?cs var:T.intake.thanks ?></p>
<?cs call:page_end() ?>
