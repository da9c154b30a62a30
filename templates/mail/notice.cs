<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Something about the reader's way in has changed: Data.what, a word of T.mail.notice. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.notice[Data.what], Data.workspace) ?></p>
<p><?cs var:T.mail.not_you ?></p>
<?cs call:mail_end() ?>
