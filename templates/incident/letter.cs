<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A letter to one person about an incident, a page of its own to be printed: Data.name, address, about, advice, kinds, ... ?>
<!DOCTYPE html>
<html lang="<?cs var:Lang.html ?>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title><?cs var:fill(T.mail.subject.breach, Data.reference) ?></title>
</head>
<body>
<p><strong><?cs var:Data.workspace ?></strong></p>
<p><?cs var:Data.dated ?></p>
<?cs if:string.length(Data.name) ?><p><?cs var:Data.name ?></p><?cs /if ?>
<?cs if:string.length(Data.address) ?><pre><?cs var:Data.address ?></pre><?cs /if ?>
<h1><?cs var:fill(T.mail.subject.breach, Data.reference) ?></h1>
<?cs call:breach_text() ?>
</body>
</html>
