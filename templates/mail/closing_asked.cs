<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Another administrator wants to close the workspace: Data.who, link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.closing_asked.text, Data.who) ?></p>
<p><?cs var:T.mail.closing_asked.what ?></p>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
