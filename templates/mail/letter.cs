<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A letter of a request as it was written: Data.reference, Data.paragraphs.N.lines. ?>
<?cs call:mail_begin() ?>
<p><?cs var:fill(T.letters.reference, Data.reference) ?></p>
<?cs each:p = Data.paragraphs ?><p><?cs each:l = p.lines ?><?cs if:!first(l) ?><br><?cs /if ?><?cs var:l ?><?cs /each ?></p>
<?cs /each ?>
<?cs call:mail_end() ?>
