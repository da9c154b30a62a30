<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Support access was asked for or given: Data.what workspace operator reason scope hours until link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.support[Data.what], Data.operator) ?></p>
<p><?cs var:fill(T.mail.support.reason, Data.reason) ?></p>
<p><?cs var:T.support.scope[Data.scope] ?> · <?cs var:fill(T.support.for_hours, Data.hours) ?><?cs if:?Data.until ?> · <?cs var:fill(T.support.until, Data.until) ?><?cs /if ?></p>
<?cs call:mail_link(Data.link) ?>
<?cs if:Data.what == "asked" ?><p><?cs var:T.mail.support.lapse ?></p><?cs else ?><p><?cs var:T.mail.support.end ?></p><?cs /if ?>
<?cs call:mail_end() ?>
