<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Nobody has fetched an answer: Data.link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:T.mail.handover.waits ?></p>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
