<?cs # SPDX-License-Identifier: ISC ?>
<?cs # Data breach incidents: Data.items. ?>
<?cs call:page_begin(Page.title) ?>
<?cs call:heading(Page.title) ?>
<p class="intro"><?cs var:T.incidents.recommended ?></p>
<?cs if:subcount(Data.items) ?><div class="card card-flush"><div class="table-box" tabindex="0" role="region" aria-label="<?cs var:Page.title ?>"><table class="table">
<thead><tr><th scope="col"><?cs var:T.requests.reference_title ?></th><th scope="col"><?cs var:T.incidents.title_title ?></th><th scope="col"><?cs var:T.incidents.kind_title ?></th><th scope="col"><?cs var:T.requests.state_title ?></th><th scope="col"><?cs var:T.incidents.aware_at_title ?></th><th scope="col"><?cs var:T.incidents.target_title ?></th><th scope="col"><?cs var:T.incidents.ceiling_title ?></th><th scope="col"><?cs var:T.requests.days_title ?></th></tr></thead>
<tbody><?cs each:i = Data.items ?><tr>
<td data-label="<?cs var:T.requests.reference_title ?>"><a href="<?cs var:path(i.url) ?>"><?cs var:i.reference ?></a></td>
<td data-label="<?cs var:T.incidents.title_title ?>"><?cs var:i.title ?></td>
<td data-label="<?cs var:T.incidents.kind_title ?>"><?cs var:i.kind_word ?></td>
<td data-label="<?cs var:T.requests.state_title ?>"><?cs var:i.state_word ?></td>
<td data-label="<?cs var:T.incidents.aware_at_title ?>"><?cs var:i.aware ?></td>
<td data-label="<?cs var:T.incidents.target_title ?>"><?cs var:i.target ?></td>
<td data-label="<?cs var:T.incidents.ceiling_title ?>"><?cs var:i.ceiling ?></td>
<td data-label="<?cs var:T.requests.days_title ?>"><?cs call:badge(i.badge.kind, i.badge.text) ?></td>
</tr><?cs /each ?></tbody></table></div></div>
<?cs else ?><div class="card"><?cs call:empty("privacy", T.incidents.empty, T.incidents.empty_help) ?></div><?cs /if ?>
<?cs call:pager() ?>
<?cs call:page_end() ?>
