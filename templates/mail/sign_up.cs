<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A workspace was asked for: Data.name_new link region. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.sign_up.text, Data.name_new) ?></p>
<?cs call:mail_link(Data.link) ?>
<p><?cs var:T.mail.sign_up.until ?></p>
<p><?cs var:T.mail.ignore ?></p>
<?cs call:mail_end() ?>
