<?cs # SPDX-License-Identifier: ISC ?>
<?cs call:page_begin(T.error.title) ?>
<p><?cs var:Data.detail ?></p>
<?cs call:page_end() ?>
