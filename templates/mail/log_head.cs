<?cs # SPDX-License-Identifier: ISC ?>
<?cs # To administrators, once a month: the newest head of the log, Data.head; link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:T.mail.log_head.text ?></p>
<p><code><?cs var:Data.head ?></code></p>
<p><?cs var:T.mail.log_head.what ?></p>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
