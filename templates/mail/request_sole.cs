<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Somebody approved alone what a second person should have: Data.reference, who, link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.request.sole, Data.who) ?></p>
<p><?cs var:T.mail.request.sole_help ?></p>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
