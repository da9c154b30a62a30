<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A request came by the public form: Data.reference received last_day link. Nothing that was typed. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.intake.received, Data.received) ?><br><?cs var:fill(T.letters.reference, Data.reference) ?><br><?cs var:fill(T.mail.request.last_day, Data.last_day) ?></p>
<p><?cs var:T.mail.intake.confirm ?></p>
<?cs call:mail_link(Data.link) ?>
<p><?cs var:T.mail.intake.not_you ?></p>
<?cs call:mail_end() ?>
