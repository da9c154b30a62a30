<?cs # SPDX-License-Identifier: ISC ?>
<?cs # A list of records of any kind. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<?cs call:tabs(Page.views, T.list.views) ?>
<?cs call:form_error() ?>
<?cs if:?Page.search.url ?>
<form class="finder" role="search" method="post" action="<?cs var:path(Page.search.url) ?>">
	<input type="hidden" name="_csrf" value="<?cs var:Chrome.csrf ?>">
	<?cs if:Page.search.archived ?><input type="hidden" name="archived" value="1"><?cs /if ?>
	<div class="finder-bar">
		<?cs if:Page.search.words ?><div class="finder-box"><?cs call:icon("search") ?><input class="input" type="search" name="q" value="<?cs var:Page.search.q ?>" aria-label="<?cs var:T.list.search ?>" placeholder="<?cs var:T.list.search_placeholder ?>" maxlength="200" autocomplete="off" data-key="/"<?cs if:string.length(Page.errors.q) ?> aria-invalid="true" aria-describedby="form-error"<?cs /if ?>></div>
		<button class="button" type="submit"><?cs var:T.list.search ?></button><?cs /if ?>
		<?cs if:?Page.search.filters_url && !subcount(Page.filters) ?><a class="button button-quiet" href="<?cs var:path(Page.search.filters_url) ?>"><?cs call:icon("filter") ?><span><?cs var:T.list.filters ?></span><?cs if:subcount(Page.applied) ?> <span class="count"><?cs var:subcount(Page.applied) ?></span><?cs /if ?></a><?cs /if ?>
		<?cs if:string.length(Page.total) ?><p class="total"><?cs var:Page.total ?></p><?cs /if ?>
	</div>
	<?cs if:subcount(Page.applied) || ?Page.search.clear_url ?><div class="chips">
		<?cs each:x = Page.applied ?><span class="chip"><?cs var:x.label ?> <strong><?cs var:x.text ?></strong><button class="chip-drop" type="submit" name="drop" value="<?cs var:x.name ?>" aria-label="<?cs var:fill(T.list.remove_filter, x.label) ?>"><?cs call:icon("close") ?></button></span><?cs if:!subcount(Page.filters) ?><input type="hidden" name="filter[<?cs var:x.name ?>]" value="<?cs var:x.value ?>"><?cs /if ?><?cs /each ?>
		<?cs if:?Page.search.clear_url ?><a href="<?cs var:path(Page.search.clear_url) ?>"><?cs var:T.list.clear ?></a><?cs /if ?>
	</div><?cs /if ?>
	<?cs if:subcount(Page.filters) ?><fieldset class="filters card"><legend class="card-title"><?cs var:T.list.filters ?></legend>
		<div class="filters-grid">
		<?cs each:f = Page.filters ?><div class="field<?cs if:string.length(f.error) ?> wrong<?cs /if ?>"><label class="label" for="filter-<?cs var:f.name ?>"><?cs var:f.label ?></label>
			<?cs if:subcount(f.options) ?><select class="input" id="filter-<?cs var:f.name ?>" name="filter[<?cs var:f.name ?>]"<?cs if:string.length(f.error) ?> aria-invalid="true" aria-describedby="filter-<?cs var:f.name ?>-note"<?cs /if ?>><option value=""><?cs var:T.common.any ?></option><?cs call:options(f) ?></select>
			<?cs elif:f.type == "boolean" ?><select class="input" id="filter-<?cs var:f.name ?>" name="filter[<?cs var:f.name ?>]"<?cs if:string.length(f.error) ?> aria-invalid="true" aria-describedby="filter-<?cs var:f.name ?>-note"<?cs /if ?>><option value=""><?cs var:T.common.any ?></option><option value="true"<?cs if:f.value == "true" || f.value == "1" ?> selected<?cs /if ?>><?cs var:T.common.yes ?></option><option value="false"<?cs if:f.value == "false" || f.value == "0" ?> selected<?cs /if ?>><?cs var:T.common.no ?></option></select>
			<?cs else ?><input class="input" type="<?cs if:f.type == "date" || f.type == "time" ?>date<?cs else ?>text<?cs /if ?>" id="filter-<?cs var:f.name ?>" name="filter[<?cs var:f.name ?>]"<?cs if:string.length(f.error) ?> aria-invalid="true" aria-describedby="filter-<?cs var:f.name ?>-note"<?cs /if ?> value="<?cs var:f.value ?>" maxlength="200" autocomplete="off"><?cs /if ?><?cs if:string.length(f.error) ?><div class="note" id="filter-<?cs var:f.name ?>-note"><p class="error"><?cs call:icon("danger") ?> <?cs var:f.error ?></p></div><?cs /if ?></div>
		<?cs /each ?></div>
		<button class="button button-primary" type="submit"><?cs var:T.list.apply ?></button>
	</fieldset><?cs /if ?>
</form>
<?cs /if ?>
<?cs if:subcount(Page.rows) ?>
<div class="card card-flush"><?cs call:table(Page.columns, Page.rows) ?></div>
<?cs call:pager() ?>
<?cs elif:string.length(Page.error) ?>
<?cs elif:?Page.search.clear_url || subcount(Page.applied) ?>
<div class="card"><?cs call:empty("search", T.list.no_match, T.list.no_match_help) ?></div>
<?cs else ?>
<div class="card"><?cs if:Page.search.archived ?><?cs call:empty("inbox", T.list.archived_empty, T.list.archived_empty_help) ?><?cs else ?><?cs call:empty("inbox", T.list.empty, T.list.empty_help) ?><?cs /if ?></div>
<?cs /if ?>
<?cs call:page_end() ?>
