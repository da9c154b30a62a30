<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A code for one download: Data.code. ?>
<?cs call:mail_begin() ?>
<p><?cs var:T.mail.handover.code ?></p>
<p><strong><?cs var:Data.code ?></strong></p>
<p><?cs var:T.mail.handover.code_until ?></p>
<?cs call:mail_end() ?>
