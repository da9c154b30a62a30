<?cs # SPDX-License-Identifier: ISC ?>
<?cs # More may be taken out without a second person: Data.who raised it, before, now, link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.guard.raised, Data.who) ?></p>
<p><?cs var:T.mail.guard.before ?>: <?cs var:thousands(Data.before) ?></p>
<p><?cs var:T.mail.guard.now ?>: <?cs var:thousands(Data.now) ?></p>
<?cs call:mail_link(Data.link) ?>
<p><?cs var:T.mail.guard.help ?></p>
<?cs call:mail_end() ?>
