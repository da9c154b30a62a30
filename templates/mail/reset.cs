<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A link to a new password: Data.workspace link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.reset.text, Data.workspace) ?></p>
<?cs call:mail_link(Data.link) ?>
<p><?cs var:T.mail.reset.until ?></p>
<p><?cs var:T.mail.ignore ?></p>
<?cs call:mail_end() ?>
