<?cs # SPDX-License-Identifier: ISC ?>
<?cs # To administrators: what is out of the ordinary, Data.alerts with rule and when; link. ?>
<?cs call:mail_begin() ?>
<p><?cs var:T.mail.alert.text ?></p>
<ul><?cs each:a = Data.alerts ?><li><?cs var:a.rule ?> (<?cs var:a.when ?>)</li><?cs /each ?></ul>
<?cs call:mail_link(Data.link) ?>
<?cs call:mail_end() ?>
