<?cs # SPDX-License-Identifier: ISC ?>
<?cs # An answer waits: Data.reference days link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:T.mail.handover.text ?><br><?cs var:fill(T.letters.reference, Data.reference) ?></p>
<?cs call:mail_link(Data.link) ?>
<p><?cs var:fill(T.mail.handover.how, Data.days) ?></p>
<?cs call:mail_end() ?>
