-- SPDX-License-Identifier: ISC
-- Who processes data for the workspace (DPP2(3)): told of each request for erasure, which
-- ends once all of them have confirmed.
set role praya_owner;

alter table other_source add column kind text not null default 'source' check (kind in ('source', 'processor'));
comment on column other_source.kind is 'source: asked for every request for access; processor: processes data for the business, and confirms every erasure';
alter table request_item drop constraint request_item_what_check, drop constraint request_item_outcome_check;
alter table request_item add constraint request_item_what_check check (what in ('source', 'field', 'recipient', 'processor')),
	add constraint request_item_outcome_check
		check (outcome in ('done', 'refused', 'held', 'not_held', 'sent', 'ceased', 'confirmed'));
comment on column request_item.what is 'source: data outside of Praya; field: of a correction or an erasure; recipient: had the old value in the last 12 months; processor: erases as well';

reset role;
