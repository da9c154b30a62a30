<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A way to send proof of identity or authority: Data.reference link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.letters.reference, Data.reference) ?></p>
<p><?cs var:T.mail.intake.upload ?></p>
<?cs call:mail_link(Data.link) ?>
<p><?cs var:T.mail.intake.upload_once ?></p>
<?cs call:mail_end() ?>
