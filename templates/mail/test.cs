<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A mail that shows that mail goes out: Data.workspace. ?>
<?cs call:mail_begin() ?>
<p><?cs var:T.mail.test.text ?></p>
<?cs call:mail_end() ?>
