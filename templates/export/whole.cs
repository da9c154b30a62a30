<?cs # SPDX-License-Identifier: ISC ?>
<?cs # README.html of an export of the whole workspace: Page.title made region volumes files,
	Page.tables.N.name label rows, Page.left.N: what is not in it. ?>
<!DOCTYPE html>
<html lang="<?cs var:Lang.html ?>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title><?cs var:Page.title ?></title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<header>
<h1><?cs var:Page.title ?></h1>
<p class="cover"><?cs var:T.takeout.readme.cover ?></p>
<p class="made"><?cs var:Page.region ?> · <?cs var:Page.made ?></p>
</header>
<main>
<h2><?cs var:T.takeout.readme.contents ?></h2>
<dl>
<dt>data/</dt><dd><?cs var:T.takeout.readme.data ?></dd>
<dt>mail/</dt><dd><?cs var:T.takeout.readme.mail ?></dd>
<dt>attachments/, requests/</dt><dd><?cs var:fill(T.takeout.readme.attachments, Page.files) ?></dd>
<dt>schema.json</dt><dd><?cs var:T.takeout.readme.schema ?></dd>
<?cs if:Page.head ?><dt>log.head</dt><dd><?cs var:T.takeout.readme.head ?></dd>
<?cs /if ?><dt>manifest.json, manifest.sig</dt><dd><?cs var:T.takeout.readme.manifest ?></dd>
</dl>
<?cs if:Page.volumes > 1 ?><p><?cs var:fill(T.takeout.readme.volumes, Page.volumes) ?></p><?cs /if ?>
<h2><?cs var:T.takeout.readme.tables ?></h2>
<table class="history">
<tr><th scope="col"><?cs var:T.takeout.readme.table ?></th><th scope="col"><?cs var:T.takeout.readme.what ?></th><th class="end" scope="col"><?cs var:T.takeout.readme.rows ?></th></tr>
<?cs each:x = Page.tables ?><tr><td><?cs var:x.name ?></td><td><?cs var:x.label ?></td><td class="end"><?cs var:thousands(x.rows) ?></td></tr>
<?cs /each ?></table>
<h2><?cs var:T.takeout.readme.left ?></h2>
<ul><?cs each:x = Page.left ?><li><?cs var:x ?></li><?cs /each ?></ul>
</main>
</body>
</html>
