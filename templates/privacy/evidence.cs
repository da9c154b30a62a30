<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The copy of what was taken down: Data.copy, digest. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<section class="card"><pre class="lines"><?cs var:Data.copy ?></pre><p class="quiet">SHA-256 <code><?cs var:Data.digest ?></code></p></section>
<?cs call:page_end() ?>
