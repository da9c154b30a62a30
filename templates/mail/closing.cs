<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The workspace will be destroyed: Data.days, at, link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.closing.text, Data.at) ?></p>
<p><?cs var:T.mail.closing.what ?></p>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
