<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Where settings are: Page.own for oneself, Page.workspace for everybody. ?>
<?cs def:setting_cards(list) ?><ul class="choices"><?cs each:x = list ?><li><a class="card choice" href="<?cs var:path(x.url) ?>"><?cs call:icon(x.icon) ?><span class="choice-text"><strong><?cs var:x.label ?></strong><span class="quiet"><?cs var:x.text ?></span></span><?cs call:icon("right") ?></a></li><?cs /each ?></ul><?cs /def ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<section class="group" aria-labelledby="own"><h2 class="group-title" id="own"><?cs var:T.settings.own ?></h2><?cs call:setting_cards(Page.own) ?></section>
<?cs if:subcount(Page.workspace) ?><section class="group" aria-labelledby="workspace"><h2 class="group-title" id="workspace"><?cs var:T.settings.workspace ?></h2><?cs call:setting_cards(Page.workspace) ?></section><?cs /if ?>
<?cs call:page_end() ?>
