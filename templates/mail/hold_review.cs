<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The day of review of a hold has come: Data.day, link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.hold.text, Data.day) ?></p>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
