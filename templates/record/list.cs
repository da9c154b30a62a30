<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A list of records of any kind. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:tabs(Page.views, T.list.views) ?>
<?cs if:?Page.search.url ?>
<form class="finder" role="search" method="post" action="<?cs var:path(Page.search.url) ?>">
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<div class="finder-bar">
		<?cs if:Page.search.words ?><div class="finder-box"><?cs call:icon("search") ?><input class="input" type="search" name="q" value="<?cs var:Page.search.q ?>" aria-label="<?cs var:T.list.search ?>" placeholder="<?cs if:string.length(Page.search.placeholder) ?><?cs var:Page.search.placeholder ?><?cs else ?><?cs var:T.list.search_placeholder ?><?cs /if ?>" maxlength="200" autocomplete="off" data-key="/"></div>
		<button class="button" type="submit"><?cs var:T.list.search ?></button><?cs /if ?>
		<?cs if:?Page.search.filters_url && !subcount(Page.filters) ?><a class="button button-quiet" href="<?cs var:path(Page.search.filters_url) ?>"><?cs call:icon("filter") ?><span><?cs var:T.list.filters ?></span><?cs if:subcount(Page.applied) ?> <span class="count"><?cs var:subcount(Page.applied) ?></span><?cs /if ?></a><?cs /if ?>
		<?cs if:string.length(Page.total) ?><p class="total"><?cs var:Page.total ?></p><?cs /if ?>
	</div>
	<?cs if:subcount(Page.applied) || ?Page.search.clear_url ?><div class="chips">
		<?cs each:x = Page.applied ?><span class="chip"><?cs var:x.label ?> <strong><?cs var:x.text ?></strong></span><?cs if:!subcount(Page.filters) ?><input type="hidden" name="filter[<?cs var:x.name ?>]" value="<?cs var:x.value ?>"><?cs /if ?><?cs /each ?>
		<?cs if:?Page.search.clear_url ?><a href="<?cs var:path(Page.search.clear_url) ?>"><?cs var:T.list.clear ?></a><?cs /if ?>
	</div><?cs /if ?>
	<?cs if:subcount(Page.filters) ?><fieldset class="filters card"><legend class="card-title"><?cs var:T.list.filters ?></legend>
		<div class="filters-grid">
		<?cs each:f = Page.filters ?><div class="field"><label class="label" for="filter-<?cs var:f.name ?>"><?cs var:f.label ?></label>
			<?cs if:subcount(f.options) ?><select class="input" id="filter-<?cs var:f.name ?>" name="filter[<?cs var:f.name ?>]"><option value=""><?cs var:T.common.any ?></option><?cs call:options(f) ?></select>
			<?cs elif:f.type == "boolean" ?><select class="input" id="filter-<?cs var:f.name ?>" name="filter[<?cs var:f.name ?>]"><option value=""><?cs var:T.common.any ?></option><option value="true"<?cs if:f.value == "true" || f.value == "1" ?> selected<?cs /if ?>><?cs var:T.common.yes ?></option><option value="false"<?cs if:f.value == "false" || f.value == "0" ?> selected<?cs /if ?>><?cs var:T.common.no ?></option></select>
			<?cs else ?><input class="input" type="<?cs if:f.type == "date" || f.type == "time" ?>date<?cs else ?>text<?cs /if ?>" id="filter-<?cs var:f.name ?>" name="filter[<?cs var:f.name ?>]" value="<?cs var:f.value ?>" maxlength="200" autocomplete="off"><?cs /if ?></div>
		<?cs /each ?></div>
		<button class="button button-primary" type="submit"><?cs var:T.list.apply ?></button>
	</fieldset><?cs /if ?>
</form>
<?cs /if ?>
<?cs if:subcount(Page.rows) ?>
<div class="card card-flush"><?cs call:table(Page.columns, Page.rows) ?></div>
<?cs call:pager() ?>
<?cs elif:?Page.search.clear_url || subcount(Page.applied) ?>
<div class="card"><?cs call:empty("search", T.list.no_match, T.list.no_match_help) ?></div>
<?cs else ?>
<div class="card"><?cs call:empty("inbox", T.list.empty, T.list.empty_help) ?></div>
<?cs /if ?>
<?cs call:page_end() ?>
