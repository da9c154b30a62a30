<?cs # SPDX-License-Identifier: ISC ?>
<?cs # index.html of the books: Page.title made books.N.title html csv rows. ?>
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
<h1><?cs var:Page.title ?></h1>
<p class="made"><?cs var:Page.made ?></p>
<p class="cover"><?cs var:T.books.cover ?></p>
<table>
<?cs each:k = Page.books ?><tr><td><a href="./<?cs var:url_escape(k.html) ?>"><?cs var:k.title ?></a></td><td><a href="./<?cs var:url_escape(k.csv) ?>">CSV</a></td><td class="end"><?cs var:thousands(k.rows) ?></td></tr>
<?cs /each ?></table>
<p><?cs var:T.books.manifest ?></p>
</body>
</html>
