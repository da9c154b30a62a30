<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A piece of a table of the books: Page.title workspace, rows.N.cells.N; head: the first row names the columns; foot: nothing follows. ?>
<?cs if:Page.head ?><!DOCTYPE html>
<html lang="<?cs var:Lang.html ?>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title><?cs var:Page.title ?></title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<p><a href="index.html"><?cs var:Page.workspace ?></a></p>
<h1><?cs var:Page.title ?></h1>
<table>
<?cs /if ?><?cs each:r = Page.rows ?><tr><?cs each:c = r.cells ?><?cs if:Page.head && name(r) == "0" ?><th scope="col"><?cs var:c ?></th><?cs else ?><td><?cs var:c ?></td><?cs /if ?><?cs /each ?></tr>
<?cs /each ?><?cs if:Page.foot ?></table>
</body>
</html>
<?cs /if ?>
