<?cs # SPDX-License-Identifier: ISC ?>
<?cs # For a person, on paper: Page.changes, and who has seen what (Page.viewers). Staff by what they do. ?>
<!DOCTYPE html>
<html lang="<?cs var:Lang.html ?>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title><?cs var:T.audit.print ?></title>
<link rel="stylesheet" href="<?cs var:Asset.app_css ?>">
</head>
<body class="paper">
<main>
<h1><?cs var:T.audit.print ?></h1>
<p class="intro"><?cs var:Page.person ?> · <?cs var:T.audit.contact ?> <?cs var:Page.contact_id ?> · <?cs var:Page.workspace ?> · <?cs var:fill(T.export.made, Page.made) ?></p>
<p class="actions"><a class="button" href="?language=en" lang="en">English</a> <a class="button" href="?language=zh-Hant" lang="zh-Hant">繁體中文</a> <a class="button button-quiet" href="/contacts/<?cs var:Page.contact_id ?>/viewers"><?cs var:T.common.back ?></a></p>
<p><?cs var:T.audit.print_lead ?></p>
<h2><?cs var:T.audit.view.changes ?></h2>
<?cs if:subcount(Page.changes) ?><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.audit.view.changes ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.audit.when ?></th><th scope="col"><?cs var:T.audit.who ?></th><th scope="col"><?cs var:T.audit.what ?></th><th scope="col"><?cs var:T.audit.changes ?></th></tr></thead>
<tbody>
<?cs each:e = Page.changes ?><tr><td class="nowrap" data-label="<?cs var:T.audit.when ?>"><?cs var:e.when ?></td><td data-label="<?cs var:T.audit.who ?>"><?cs var:e.who ?></td><td data-label="<?cs var:T.audit.what ?>"><?cs var:e.action_label ?><?cs if:string.length(e.entity_label) ?>: <?cs var:e.entity_label ?><?cs /if ?><?cs if:e.outcome != "ok" ?> · <?cs var:T.audit.outcome_label[e.outcome] ?><?cs /if ?><?cs if:string.length(e.reason_label) ?> · <?cs var:e.reason_label ?><?cs /if ?></td><td class="wide-cell" data-label="<?cs var:T.audit.changes ?>"><?cs if:subcount(e.changes) ?><?cs call:changes(e.changes) ?><?cs else ?><?cs each:f = e.field_labels ?><?cs var:f ?><?cs if:!last(f) ?><?cs var:T.common.separator ?> <?cs /if ?><?cs /each ?><?cs /if ?></td></tr>
<?cs /each ?></tbody>
</table></div>
<?cs if:Page.more_changes ?><p class="note"><?cs var:T.audit.print_more ?></p><?cs /if ?>
<?cs else ?><p><?cs var:T.audit.print_none ?></p><?cs /if ?>
<h2><?cs var:T.viewers.title ?></h2>
<?cs if:subcount(Page.viewers) ?><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:T.viewers.title ?>"><table class="table table-full">
<thead><tr><th scope="col"><?cs var:T.viewers.day ?></th><th scope="col"><?cs var:T.audit.who ?></th><th scope="col"><?cs var:T.audit.what ?></th><th scope="col" class="end"><?cs var:T.viewers.times ?></th><th scope="col"><?cs var:T.audit.fields ?></th></tr></thead>
<tbody>
<?cs each:e = Page.viewers ?><tr><td class="nowrap" data-label="<?cs var:T.viewers.day ?>"><?cs var:e.when ?></td><td data-label="<?cs var:T.audit.who ?>"><?cs var:e.who ?></td><td data-label="<?cs var:T.audit.what ?>"><?cs var:e.action_label ?></td><td class="end" data-label="<?cs var:T.viewers.times ?>"><?cs var:thousands(e.count) ?></td><td class="wide-cell" data-label="<?cs var:T.audit.fields ?>"><?cs each:f = e.fields ?><?cs var:f ?><?cs if:!last(f) ?><?cs var:T.common.separator ?> <?cs /if ?><?cs /each ?></td></tr>
<?cs /each ?></tbody>
</table></div>
<?cs if:Page.more_viewers ?><p class="note"><?cs var:T.audit.print_more ?></p><?cs /if ?>
<?cs else ?><p><?cs var:T.viewers.empty ?></p><?cs /if ?>
</main>
</body>
</html>
