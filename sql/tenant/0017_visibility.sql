-- SPDX-License-Identifier: ISC
-- Who sees a record beyond own, team and all: the list of those it is shared
-- with, VIP records, private notes.
set role praya_owner;

create table record_share (
	share_id bigint generated always as identity primary key,
	entity text not null check (entity in ('contact', 'company')),
	record_id bigint not null,
	user_id bigint references app_user on delete cascade,
	team_id bigint references team on delete cascade,
	level text not null check (level in ('read', 'edit')),
	created_at timestamptz not null default now(),
	created_by bigint,
	check ((user_id is null) <> (team_id is null))
);
comment on table record_share is 'With whom a record is shared: they see it whatever their scope is, VIP or not';
comment on column record_share.share_id is 'Key';
comment on column record_share.entity is 'contact or company';
comment on column record_share.record_id is 'The record';
comment on column record_share.user_id is 'A user; or';
comment on column record_share.team_id is 'everybody of a team';
comment on column record_share.level is 'read, or edit: as far as the profile lets them change records of this kind';
comment on column record_share.created_at is 'When it was shared';
comment on column record_share.created_by is 'By whom';
create unique index record_share_user on record_share (record_id, entity, user_id) where user_id is not null;
create unique index record_share_team on record_share (record_id, entity, team_id) where team_id is not null;
create index record_share_of_user on record_share (user_id, entity, record_id) where user_id is not null;
create index record_share_of_team on record_share (team_id, entity, record_id) where team_id is not null;

-- VIP: companies, too. Withheld from most, so few are looked up by the rest.
alter table company add column vip boolean not null default false;
comment on column company.vip is 'Seen by its owner, those it is shared with, and whoever sees VIP records';
comment on column contact.vip is 'Seen by its owner, those it is shared with, and whoever sees VIP records';
create index company_by_vip on company (updated_at desc, company_id desc) where vip;
create index contact_vip on contact (contact_id) include (owner_id) where vip;
-- What the policies ask of a contact, on an index alone.
create index contact_scope on contact (contact_id) include (owner_id, team_id, vip);
insert into field (entity, name, column_name, type, label_en, label_zh, section, category, purpose, sealed,
	enabled, builtin, writable, required, listed, position)
values ('company', 'vip', 'vip', 'boolean', 'VIP', '貴賓（VIP）', 'handling', 'none', 'crm', false,
	true, true, true, false, false, 140);

-- Private notes.
alter table activity
	add column private_to text,
	add column private_team_id bigint references team on delete set null;
create table activity_reader (
	activity_id bigint not null references activity on delete cascade,
	user_id bigint not null references app_user on delete cascade,
	author_id bigint not null,
	primary key (activity_id, user_id)
);
comment on table activity_reader is 'Who may read a private note besides its author';
comment on column activity_reader.activity_id is 'The note';
comment on column activity_reader.user_id is 'Who may read it';
comment on column activity_reader.author_id is 'Who wrote the note, and so sees and changes this list';
create index activity_by_private_to on activity (private_to, happened_at desc, activity_id desc)
	where private_to is not null;
create index activity_private_team on activity (private_team_id) where private_team_id is not null;
create index activity_reader_user on activity_reader (user_id);
comment on column activity.private_to is 'Private note: author, team (private_team_id) or people (activity_reader); null: not private';
comment on column activity.private_team_id is 'The author''s team when the note was made private to it';
insert into field (entity, name, column_name, type, label_en, label_zh, section, category, purpose, sealed,
	enabled, builtin, writable, required, listed, choices, position)
values ('activity', 'private_to', 'private_to', 'choice', 'Private note for', '私人備註可閱者', 'main', 'none', 'crm', false,
	true, true, true, false, false, '[{"value": "author", "label_en": "Only its author", "label_zh": "只限作者"},
	{"value": "team", "label_en": "The author''s team", "label_zh": "作者的團隊"},
	{"value": "people", "label_en": "Named people", "label_zh": "指定人士"}]', 45);

-- What one wrote oneself, where the scope is not all.
create index activity_by_author on activity (created_by, happened_at desc, activity_id desc) where created_by is not null;
create index message_by_author on message (created_by, happened_at desc, message_id desc) where created_by is not null;
create index attachment_by_author on attachment (created_by, created_at desc, attachment_id desc) where created_by is not null;
create index invoice_by_author on invoice (created_by, issued_on desc, invoice_id desc) where created_by is not null;

insert into profile_right (profile_id, entity, "right", scope)
select profile_id, '', 'see_vip', 'all' from profile where name = 'administrator';

reset role;
