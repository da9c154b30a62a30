<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The workspaces an address belongs to: Data.items name origin; Data.region. ?>
<?cs call:mail_begin() ?>
<?cs if:subcount(Data.items) ?><p><?cs var:fill(T.mail.find.text, T.region[Data.region]) ?></p>
<?cs each:w = Data.items ?><p><?cs var:w.name ?>:</p><?cs call:mail_link(w.origin) ?><?cs /each ?>
<?cs else ?><p><?cs var:fill(T.mail.find.none, T.region[Data.region]) ?></p><?cs /if ?>
<p><?cs var:T.mail.find.ignore ?></p>
<?cs call:mail_end() ?>
