<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Of an export: Data.what, a word of T.mail.export; who asked for it, by (who decided), records, count, code, link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.export[Data.what], Data.who) ?></p>
<p><?cs var:T.exports.export ?>: <?cs var:Data.code ?></p>
<p><?cs var:T.exports.what ?>: <?cs var:Data.records ?></p>
<p><?cs var:T.exports.records ?>: <?cs var:thousands(Data.count) ?></p>
<?cs if:string.length(Data.by) ?><p><?cs var:T.exports.decider ?>: <?cs var:Data.by ?></p><?cs /if ?>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
