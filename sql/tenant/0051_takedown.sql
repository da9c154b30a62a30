-- SPDX-License-Identifier: ISC
-- What the Commissioner, or somebody affected, wants taken down: a message or a file is
-- out of sight at once, and a copy is kept as evidence.
set role praya_owner;

alter table message add column withheld_at timestamptz;
comment on column message.withheld_at is 'Since when it is taken down: no policy shows it';
alter table attachment add column withheld_at timestamptz;
comment on column attachment.withheld_at is 'Since when it is taken down: no policy shows it';

create table takedown (
	takedown_id bigint generated always as identity primary key,
	reference text not null,
	received_at timestamptz not null,
	deadline_at timestamptz not null,
	key_id bigint not null references data_key,
	particulars bytea not null,
	recorded_at timestamptz not null default now(),
	recorded_by bigint references app_user,
	done_at timestamptz,
	done_by bigint references app_user
);
comment on table takedown is 'Notices to cease disclosure (Cap. 486 s.66M) and requests like them; never deleted';
comment on column takedown.takedown_id is 'Key';
comment on column takedown.reference is 'Number: year and key';
comment on column takedown.received_at is 'When the notice came';
comment on column takedown.deadline_at is 'By when it wants things done';
comment on column takedown.key_id is 'Key of this notice alone';
comment on column takedown.particulars is 'Who sent it and what it says: JSON, sealed';
comment on column takedown.recorded_at is 'When it was recorded';
comment on column takedown.recorded_by is 'By whom';
comment on column takedown.done_at is 'When all of it was done';
comment on column takedown.done_by is 'Who said so';
create index takedown_key on takedown (key_id);
create index takedown_open on takedown (deadline_at) where done_at is null;
create index takedown_recorded_by on takedown (recorded_by);
create index takedown_done_by on takedown (done_by);

create table takedown_item (
	item_id bigint generated always as identity primary key,
	takedown_id bigint not null references takedown,
	entity text not null check (entity in ('message', 'attachment')),
	record_id bigint not null,
	contact_id bigint references contact,
	key_id bigint references data_key on delete set null,
	evidence bytea,
	digest bytea not null,
	hidden_at timestamptz not null default now(),
	hidden_by bigint references app_user,
	shown_at timestamptz,
	shown_by bigint references app_user
);
comment on table takedown_item is 'What a notice has put out of sight';
comment on column takedown_item.item_id is 'Key';
comment on column takedown_item.takedown_id is 'The notice';
comment on column takedown_item.entity is 'message or attachment';
comment on column takedown_item.record_id is 'Which';
comment on column takedown_item.contact_id is 'Whose it is; null: nobody''s';
comment on column takedown_item.key_id is 'Key of the copy alone; gone with the person';
comment on column takedown_item.evidence is 'The row as it was: JSON, sealed';
comment on column takedown_item.digest is 'SHA-256 of the copy';
comment on column takedown_item.hidden_at is 'Since when nobody sees it';
comment on column takedown_item.hidden_by is 'Who did it';
comment on column takedown_item.shown_at is 'When it was put back: the notice was withdrawn';
comment on column takedown_item.shown_by is 'By whom';
create index takedown_item_notice on takedown_item (takedown_id, item_id);
create index takedown_item_record on takedown_item (entity, record_id);
create index takedown_item_contact on takedown_item (contact_id) where contact_id is not null;
create index takedown_item_key on takedown_item (key_id) where key_id is not null;
create index takedown_item_hidden_by on takedown_item (hidden_by);
create index takedown_item_shown_by on takedown_item (shown_by);

reset role;
