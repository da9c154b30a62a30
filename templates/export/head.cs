<?cs # SPDX-License-Identifier: ISC ?>
<?cs # The beginning of index.html in an export of a person; heading, items, events,
	legend and foot follow it piece by piece. ?>
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
<?cs each:x = Page.covers ?><p class="cover" lang="<?cs var:x.lang ?>"><?cs var:x.text ?></p><?cs /each ?>
<p class="made"><?cs var:Page.workspace ?> · <?cs var:fill(T.export.made, Page.made) ?></p>
<nav>
<ul>
<?cs each:x = Page.counts ?><li><a href="#<?cs var:x.name ?>"><?cs var:x.label ?></a> <span class="count"><?cs var:thousands(x.count) ?></span></li><?cs /each ?>
<li><a href="#legend"><?cs var:T.export.legend ?></a></li>
</ul>
</nav>
</header>
<main>
