<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The day of a privacy request comes: Data.kind, reference, days, late, due, last_day, what, link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:Data.kind ?> <?cs var:Data.reference ?></p>
<p><?cs if:Data.late ?><?cs var:fill(T.mail.request.late, Data.days) ?><?cs elif:Data.days == "1" ?><?cs var:T.mail.request.tomorrow ?><?cs else ?><?cs var:fill(T.mail.request.days, Data.days) ?><?cs /if ?></p>
<p><?cs var:fill(T.mail.request.due, Data.due) ?><br><?cs var:fill(T.mail.request.last_day, Data.last_day) ?></p>
<?cs if:string.length(Data.what) ?><p><?cs var:Data.what ?></p><?cs /if ?>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
