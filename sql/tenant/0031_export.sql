-- SPDX-License-Identifier: ISC
-- Files that leave: who asked for what, who let it go, which records they hold.
set role praya_owner;

alter table workspace add column export_threshold integer not null default 500 check (export_threshold >= 0);
comment on column workspace.export_threshold is 'Records that one user may take out within a day before a second person has to approve';

create table export (
	export_id bigint generated always as identity primary key,
	kind text not null check (kind in ('list', 'person')),
	entity text not null,
	contact_id bigint references contact,
	format text not null check (format in ('csv', 'jsonl', 'zip')),
	fields text[] not null default '{}',
	opened text[] not null default '{}',
	reason text not null,
	query bytea,
	secret bytea,
	state text not null check (state in ('done', 'running', 'failed', 'rejected', 'lapsed', 'cancelled', 'waiting')),
	asked bigint not null default 0,
	day bigint not null default 0,
	threshold bigint not null default 0,
	approved bigint,
	exported bigint,
	spoiled boolean not null default false,
	job_id bigint references job,
	download_id bigint references download,
	created_at timestamptz not null default now(),
	created_by bigint not null,
	decided_at timestamptz,
	decided_by bigint,
	alone boolean not null default false,
	note bytea
);
comment on table export is 'Files that users asked for: what, how much, who approved';
comment on column export.export_id is 'Key';
comment on column export.kind is 'list: records of a list; person: everything on one person';
comment on column export.entity is 'What the records are';
comment on column export.contact_id is 'Of a person''s file: whose';
comment on column export.format is 'csv, jsonl; zip: a person''s file';
comment on column export.fields is 'Names of the fields asked for';
comment on column export.opened is 'Encrypted fields that stand in it in full';
comment on column export.reason is 'Why: a code of a pick-list';
comment on column export.query is 'Words and filters of the list while it waits, sealed; gone with any erasure';
comment on column export.secret is 'Password of a person''s file while it waits, sealed';
comment on column export.state is 'waiting for approval, running, done, or why there is none';
comment on column export.asked is 'Records when it was asked for';
comment on column export.day is 'Records that the user had taken out without approval in the 24 hours before';
comment on column export.threshold is 'The workspace''s threshold then';
comment on column export.approved is 'Records of it that were left when it was approved';
comment on column export.exported is 'Records in the file';
comment on column export.spoiled is 'Somebody in it was erased while it was being made: it is made anew';
comment on column export.job_id is 'The job that makes it';
comment on column export.download_id is 'The file';
comment on column export.created_at is 'When it was asked for';
comment on column export.created_by is 'By whom';
comment on column export.decided_at is 'When it was approved or rejected';
comment on column export.decided_by is 'By whom';
comment on column export.alone is 'Approved by the one who asked, nobody else could';
comment on column export.note is 'What the approver wrote, sealed';
create index export_mine on export (created_by, export_id);
create index export_lately on export (created_by, created_at);
create index export_waiting on export (created_at) where state = 'waiting';
create index export_contact on export (contact_id) where contact_id is not null;
create index export_job on export (job_id);
create index export_download on export (download_id);

create table export_record (
	export_id bigint not null,
	n bigint not null,
	record_id bigint not null,
	contact_id bigint,
	primary key (export_id, n)
);
comment on table export_record is 'The records an export holds, fixed when it was asked for; gone when its file is';
comment on column export_record.export_id is 'The export; no reference, which would look each of them up: exports are never deleted';
comment on column export_record.n is 'Place in its order';
comment on column export_record.record_id is 'The record';
comment on column export_record.contact_id is 'Whose it is, so that an erasure finds it; no reference: people are never deleted';
create index export_record_contact on export_record (contact_id) where contact_id is not null;

alter table download add column key_id bigint references data_key on delete set null;
comment on column download.key_id is 'A key of this file alone, where it is of many people: seals object_key';
comment on column download.kind is 'person_export, list_export';
create index download_key on download (key_id) where key_id is not null;
comment on column data_key.purpose is 'person, bill_to, kept, import, export, mail, factor';

reset role;
