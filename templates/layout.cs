<?cs # SPDX-License-Identifier: ISC ?>
<?cs # What stands around every page: page_begin(title) ... page_end(). ?>

<?cs def:language_switch() ?><form class="language" method="post" action="/language"><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><input type="hidden" name="back" value="<?cs var:Chrome.path ?>"><button class="top-button" name="lang" value="<?cs var:Lang.other ?>" lang="<?cs var:Lang.other ?>" type="submit"><?cs call:icon("globe") ?><span><?cs var:T.chrome.switch_language ?></span></button></form><?cs /def ?>

<?cs def:user_menu() ?><details class="pop"><summary class="top-button"><?cs call:icon("contact") ?><span class="user-name"><?cs var:Chrome.user.name ?></span><?cs call:icon("down") ?></summary>
	<div class="pop-box">
		<p class="pop-who"><span class="quiet"><?cs var:T.chrome.signed_in_as ?></span><br><strong><?cs var:Chrome.user.name ?></strong><br><?cs var:Chrome.user.email ?></p>
		<form method="post" action="/logout"><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><button class="pop-item" type="submit"><?cs call:icon("signout") ?><?cs var:T.chrome.sign_out ?></button></form>
	</div></details><?cs /def ?>

<?cs def:place() ?><span class="place"><span class="place-name"><?cs var:Chrome.workspace.name ?></span>
	<?cs if:string.length(Chrome.workspace.region) ?><span class="place-region" title="<?cs var:fill(T.chrome.data_in, T.region[Chrome.workspace.region]) ?>"><?cs call:icon("pin") ?><?cs var:T.region[Chrome.workspace.region] ?></span><?cs /if ?></span><?cs /def ?>

<?cs # Whose eyes these are, and that support may look: on every page, above everything. ?>
<?cs def:banners() ?><?cs if:?Chrome.view_as.user ?><div class="banner" role="status"><?cs call:icon("eye") ?><p><strong><?cs var:fill(T.view_as.banner, Chrome.view_as.user) ?></strong> <?cs var:fill(T.view_as.until, Chrome.view_as.until) ?> <?cs var:fill(T.view_as.logged, Chrome.view_as.viewer) ?></p>
	<form method="post" action="/view-as/stop"><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><button class="button" type="submit"><?cs var:T.view_as.stop ?></button></form></div><?cs /if ?><?cs if:?Chrome.closing.at ?><div class="banner" role="status"><?cs call:icon("archive") ?><p><strong><?cs var:fill(T.closing.banner, Chrome.closing.at) ?></strong> <?cs var:Chrome.closing.days ?> <a href="/workspace"><?cs var:T.closing.title ?></a></p></div><?cs /if ?><?cs if:?Chrome.support.until ?><div class="banner" role="status"><?cs call:icon("eye") ?><p><strong><?cs var:fill(T.support.banner, Chrome.support.until) ?></strong> <?cs var:fill(T.support.banner_reason, Chrome.support.reason) ?><?cs if:Chrome.support.inside ?> <?cs var:fill(T.support.banner_scope, Chrome.support.scope) ?><?cs /if ?></p></div><?cs /if ?><?cs /def ?>

<?cs def:page_top() ?>
<header class="top">
	<?cs if:Chrome.signed_in ?><details class="menu"><summary class="top-button"><?cs call:icon("menu") ?><span class="visually-hidden"><?cs var:T.chrome.menu ?></span></summary></details><?cs /if ?>
	<a class="brand" href="/"><?cs call:icon("logo") ?><span><?cs var:T.app.name ?></span></a>
	<?cs call:place() ?>
	<?cs if:?Chrome.search.url ?><form class="top-search" role="search" method="post" action="<?cs var:path(Chrome.search.url) ?>"><input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>"><?cs call:icon("search") ?><input type="search" name="q" aria-label="<?cs var:T.chrome.search ?>" placeholder="<?cs var:T.chrome.search ?>" autocomplete="off" maxlength="200"<?cs if:!?Page.search.url ?> data-key="/"<?cs /if ?>></form><?cs else ?><span class="top-space"></span><?cs /if ?>
	<?cs call:language_switch() ?>
	<?cs if:Chrome.signed_in ?><?cs call:user_menu() ?><?cs /if ?>
</header>
<?cs /def ?>

<?cs def:page_begin(title) ?><!DOCTYPE html>
<html lang="<?cs var:Lang.html ?>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<?cs if:Page.running ?><noscript><meta http-equiv="refresh" content="3"></noscript>
<?cs /if ?><title><?cs if:string.length(title) ?><?cs var:title ?> · <?cs /if ?><?cs if:string.length(Chrome.workspace.name) ?><?cs var:Chrome.workspace.name ?> · <?cs /if ?><?cs var:T.app.name ?></title>
<link rel="stylesheet" href="<?cs var:Asset.app_css ?>">
<link rel="icon" href="<?cs var:Asset.favicon_svg ?>" type="image/svg+xml">
<script src="<?cs var:Asset.app_js ?>" defer></script>
</head>
<body<?cs if:!Chrome.signed_in ?> class="signed-out"<?cs /if ?> data-unsaved="<?cs var:T.form.unsaved ?>">
<a class="skip" href="#main"><?cs var:T.chrome.skip ?></a>
<?cs call:banners() ?><?cs call:page_top() ?>
<div class="frame">
<?cs if:Chrome.signed_in ?><nav class="side" aria-label="<?cs var:T.chrome.navigation ?>"><ul>
	<?cs each:n = Chrome.nav ?><li><a href="<?cs var:path(n.url) ?>"<?cs if:n.active ?> aria-current="page"<?cs /if ?>><?cs call:icon(n.key) ?><span><?cs var:n.label ?></span></a></li><?cs /each ?>
</ul></nav><?cs /if ?>
<div class="page">
<main id="main" tabindex="-1">
<?cs each:f = Chrome.flash ?><?cs call:flash(f.kind, f.text) ?><?cs /each ?>
<?cs /def ?>

<?cs def:page_end() ?>
</main>
<footer class="foot">
	<?cs if:Chrome.signed_in ?><p><?cs call:icon("privacy") ?> <?cs var:T.chrome.keep ?></p><?cs /if ?>
</footer>
</div>
</div>
</body>
</html>
<?cs /def ?>

<?cs # Around a form of somebody who is not signed in: what stands beside it. ?>
<?cs def:entry_begin() ?>
<div class="login">
<section class="login-side">
	<?cs call:icon("logo") ?>
	<p class="login-claim"><?cs var:T.app.tagline ?></p>
	<ul>
		<li><?cs call:icon("eye") ?><span><?cs var:T.login.point1 ?></span></li>
		<li><?cs call:icon("lock") ?><span><?cs var:T.login.point2 ?></span></li>
		<?cs if:string.length(Chrome.workspace.region) ?><li><?cs call:icon("pin") ?><span><?cs var:fill(T.login.point3, T.region[Chrome.workspace.region]) ?></span></li><?cs /if ?>
	</ul>
</section>
<?cs /def ?>

<?cs def:entry_end() ?></div><?cs /def ?>
