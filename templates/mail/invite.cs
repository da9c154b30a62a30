<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The first way in: Data.workspace email link origin. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.invite.text, Data.workspace) ?></p>
<?cs call:mail_link(Data.link) ?>
<p><?cs var:T.mail.invite.until ?></p>
<p><?cs var:fill(T.mail.invite.account, Data.email) ?></p>
<?cs call:mail_link(Data.origin) ?>
<p><?cs var:T.mail.ignore ?></p>
<?cs call:mail_end() ?>
