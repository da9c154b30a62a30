<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The workspace is gone: Data.name_of, slug; the certificate is attached. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.mail.destroyed.text, Data.name_of) ?></p>
<p><?cs var:T.mail.destroyed.what ?></p>
<p><?cs var:fill(T.mail.destroyed.slug, Data.slug) ?></p>
<?cs call:mail_end() ?>
