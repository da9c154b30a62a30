<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Where the data lies: Data.region, database, files, backups; Page.region in words, Page.law, Page.megabytes. ?>
<?cs call:page_begin(Page.title) ?>
<div class="narrow">
<?cs call:heading(Page.title) ?>
<section class="card" aria-labelledby="region"><h2 class="card-title" id="region"><?cs var:T.place.region ?></h2>
	<p><strong><?cs var:Page.region ?></strong></p>
	<p><?cs var:Page.law ?></p>
	<p class="note"><?cs var:T.place.only ?></p>
</section>
<section class="card" aria-labelledby="database"><h2 class="card-title" id="database"><?cs var:T.place.database ?></h2>
	<dl class="facts facts-small">
		<div><dt><?cs var:T.place.server ?></dt><dd><?cs var:Data.database.server ?></dd></div>
		<div><dt><?cs var:T.place.name ?></dt><dd><code class="break"><?cs var:Data.database.name ?></code></dd></div>
		<div><dt>PostgreSQL</dt><dd><?cs var:Data.database.version ?></dd></div>
		<div><dt><?cs var:T.place.size ?></dt><dd><?cs var:thousands(Page.megabytes) ?> MB</dd></div>
	</dl>
	<p class="note"><?cs var:T.place.own_database ?></p>
</section>
<section class="card" aria-labelledby="files"><h2 class="card-title" id="files"><?cs var:T.place.files ?></h2>
	<dl class="facts facts-small">
		<div><dt><?cs var:T.place.server ?></dt><dd><?cs var:Data.files.server ?></dd></div>
		<div><dt><?cs var:T.place.folder ?></dt><dd><code class="break"><?cs var:Data.files.folder ?></code></dd></div>
	</dl>
	<p class="note"><?cs var:T.place.files_help ?></p>
</section>
<section class="card" aria-labelledby="backups"><h2 class="card-title" id="backups"><?cs var:T.place.backups ?></h2>
	<?cs if:Data.backups.made ?><dl class="facts facts-small">
		<div><dt><?cs var:T.place.every ?></dt><dd><?cs var:fill(T.place.hours, Data.backups.every_hours) ?></dd></div>
		<div><dt><?cs var:T.place.kept ?></dt><dd><?cs var:fill(T.place.days, Data.backups.keep_days) ?></dd></div>
		<div><dt><?cs var:T.place.last ?></dt><dd><?cs if:string.length(Data.backups.last) ?><?cs var:Data.backups.last ?><?cs else ?><?cs var:T.place.none_yet ?><?cs /if ?></dd></div>
	</dl>
	<p class="note"><?cs var:T.place.backups_help ?></p><?cs else ?><p><?cs var:T.place.no_backups ?></p><?cs /if ?>
</section>
<section class="card" aria-labelledby="mail"><h2 class="card-title" id="mail"><?cs var:T.place.mail ?></h2>
	<?cs if:string.length(Data.mail.relay) ?><dl class="facts facts-small">
		<div><dt><?cs var:T.place.relay ?></dt><dd><?cs var:Data.mail.relay ?></dd></div>
		<div><dt><?cs var:T.place.sender ?></dt><dd><?cs var:Data.mail.sender ?></dd></div>
	</dl><?cs else ?><p><?cs var:T.place.no_mail ?></p><?cs /if ?>
	<p class="note"><?cs var:T.place.mail_help ?></p>
</section>
</div>
<?cs call:page_end() ?>
