<?cs # SPDX-License-Identifier: ISC ?>
<?cs def:page_begin(title) ?><!DOCTYPE html>
<html lang="<?cs var:Lang.html ?>">
<title><?cs var:title ?></title>
<main>
<?cs /def ?>
<?cs def:page_end() ?></main>
</html>
<?cs /def ?>
