-- SPDX-License-Identifier: ISC
-- Jobs and what goes with requests: downloads, stored queries, reveals, replays.
set role praya_owner;

create table job (
	job_id bigint generated always as identity primary key,
	kind text not null,
	state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
	args jsonb not null default '{}',
	unique_key text,
	done bigint not null default 0,
	total bigint,
	run_at timestamptz not null default now(),
	lease_until timestamptz,
	lease bigint not null default 0,
	attempt integer not null default 0,
	created_at timestamptz not null default now(),
	created_by bigint,
	started_at timestamptz,
	finished_at timestamptz,
	result jsonb,
	error text
);
comment on table job is 'Background work. No personal data in args or result: ids only';
comment on column job.job_id is 'Key';
comment on column job.kind is 'person_export, import, erase_scan, scrub, field_add, ...';
comment on column job.state is 'queued, running, done, failed, cancelled';
comment on column job.args is 'Ids of what to work on';
comment on column job.unique_key is 'While queued or running there is one with this key';
comment on column job.done is 'Progress, in units of total';
comment on column job.total is 'Null: not known yet';
comment on column job.run_at is 'Not before';
comment on column job.lease_until is 'A worker holds it until then; past it another may resume';
comment on column job.lease is 'Moves with every worker that takes it: who held it before can no longer commit';
comment on column job.attempt is 'Times it was started since it last made progress';
comment on column job.created_at is 'When it was asked for';
comment on column job.created_by is 'By whom; null: by Praya';
comment on column job.started_at is 'First start';
comment on column job.finished_at is 'Done, failed or cancelled';
comment on column job.result is 'What the asker gets: {"download":"/downloads/7"}';
comment on column job.error is 'Key of the message catalogue';
create unique index job_unique on job (unique_key) where state in ('queued', 'running');
create index job_due on job (run_at, job_id) where state in ('queued', 'running');
create index job_created on job (created_by, created_at desc);

create table job_secret (
	job_id bigint primary key references job on delete cascade,
	sealed bytea not null
);
comment on table job_secret is 'What a job needs and nobody may read, such as a password for its result; gone when it ends';
comment on column job_secret.job_id is 'The job';
comment on column job_secret.sealed is 'Sealed';

create table chore (
	name text primary key,
	due_at timestamptz not null default now()
);
comment on table chore is 'When the worker did what every workspace needs now and then';
comment on column chore.name is 'audit_index, expire, ...';
comment on column chore.due_at is 'Not again before';

create table download (
	download_id bigint generated always as identity primary key,
	kind text not null,
	job_id bigint references job,
	contact_id bigint references contact,
	user_id bigint,
	file_name text not null,
	content_type text not null,
	size bigint not null,
	sha256 bytea not null,
	object text not null,
	object_key bytea not null,
	created_at timestamptz not null default now(),
	expires_at timestamptz not null,
	fetched integer not null default 0,
	destroyed_at timestamptz
);
comment on table download is 'Finished files to fetch; the bytes lie sealed in the file store';
comment on column download.download_id is 'Key';
comment on column download.kind is 'person_export, failed_rows, ...';
comment on column download.job_id is 'The job that made it';
comment on column download.contact_id is 'Whose data it is; its key seals object_key';
comment on column download.user_id is 'Who may fetch it';
comment on column download.file_name is 'Neutral: never a name';
comment on column download.content_type is 'MIME type';
comment on column download.size is 'Bytes';
comment on column download.sha256 is 'Of the plain bytes';
comment on column download.object is 'Name in the file store';
comment on column download.object_key is 'Key of the object, sealed under the person''s key';
comment on column download.created_at is 'When it was ready';
comment on column download.expires_at is 'Destroyed after';
comment on column download.fetched is 'Times it was fetched';
comment on column download.destroyed_at is 'When the object was destroyed';
create index download_expires on download (expires_at) where destroyed_at is null;
create index download_contact on download (contact_id) where destroyed_at is null;
create index download_job on download (job_id);

create table stored_query (
	token bytea primary key,
	user_id bigint not null references app_user on delete cascade,
	entity text not null,
	sealed bytea not null,
	created_at timestamptz not null default now()
);
comment on table stored_query is 'Searches by POST: the address holds the token only; a day at most';
comment on column stored_query.token is 'Digest of the token in the address';
comment on column stored_query.user_id is 'Who searched';
comment on column stored_query.entity is 'What';
comment on column stored_query.sealed is 'Words and filters, sealed';
comment on column stored_query.created_at is 'When';
create index stored_query_created on stored_query (created_at);

create table reveal (
	reveal_id bigint generated always as identity primary key,
	session_id bigint not null references session on delete cascade,
	contact_id bigint not null references contact,
	fields text[] not null,
	until timestamptz not null
);
comment on table reveal is 'Masked fields that a session may see in full for ten minutes';
comment on column reveal.reveal_id is 'Key';
comment on column reveal.session_id is 'Whose session';
comment on column reveal.contact_id is 'The person';
comment on column reveal.fields is 'The fields';
comment on column reveal.until is 'Masked again after';
create index reveal_session on reveal (session_id, contact_id);

create table replay (
	key bytea primary key,
	user_id bigint not null,
	body bytea not null,
	status integer not null,
	location text,
	contact_id bigint,
	answer bytea,
	created_at timestamptz not null default now()
);
comment on table replay is 'Answers to writes that carried an Idempotency-Key or a form id, for a day';
comment on column replay.key is 'Digest of user, route and key';
comment on column replay.user_id is 'Whose';
comment on column replay.body is 'Digest of the request''s body';
comment on column replay.status is 'Status of the answer';
comment on column replay.location is 'Location of the answer';
comment on column replay.contact_id is 'Erased with this person';
comment on column replay.answer is 'Body of the answer, sealed';
comment on column replay.created_at is 'When';
create index replay_created on replay (created_at);
create index replay_contact on replay (contact_id) where contact_id is not null;

create table import (
	import_id bigint generated always as identity primary key,
	entity text not null,
	state text not null check (state in ('uploaded', 'queued', 'running', 'done', 'failed', 'undone')),
	mode text not null default 'create',
	object text,
	object_key bytea,
	key_id bigint references data_key on delete set null,
	encoding text,
	delimiter text,
	header bytea,
	map jsonb,
	total bigint,
	done bigint not null default 0,
	created bigint not null default 0,
	updated bigint not null default 0,
	skipped bigint not null default 0,
	failed bigint not null default 0,
	job_id bigint references job,
	error text,
	created_at timestamptz not null default now(),
	created_by bigint not null,
	finished_at timestamptz,
	destroyed_at timestamptz
);
comment on table import is 'Files of records taken in';
comment on column import.import_id is 'Key';
comment on column import.entity is 'What the rows are';
comment on column import.state is 'uploaded, queued, running, done, failed, undone';
comment on column import.mode is 'create, or create_update by a match key';
comment on column import.object is 'The file, sealed in the file store';
comment on column import.object_key is 'Its key, sealed by key_id';
comment on column import.key_id is 'A key of this import alone';
comment on column import.encoding is 'As detected';
comment on column import.delimiter is 'As detected';
comment on column import.header is 'Header and sample rows, sealed';
comment on column import.map is 'Column number -> field name, and the match key';
comment on column import.total is 'Rows; null before they were counted';
comment on column import.done is 'Rows dealt with: a resumed job goes on behind them';
comment on column import.created is 'New records';
comment on column import.updated is 'Records that were there';
comment on column import.skipped is 'Rows left alone';
comment on column import.failed is 'Rows refused, in import_failed';
comment on column import.job_id is 'The job';
comment on column import.error is 'Key of the message catalogue';
comment on column import.created_at is 'Upload';
comment on column import.created_by is 'Who';
comment on column import.finished_at is 'End of the job';
comment on column import.destroyed_at is 'When file and failed rows were destroyed';

create table import_failed (
	import_id bigint not null references import on delete cascade,
	row_number bigint not null,
	field text,
	error text not null,
	cells bytea not null,
	primary key (import_id, row_number)
);
comment on table import_failed is 'Rows that an import refused';
comment on column import_failed.import_id is 'The import';
comment on column import_failed.row_number is 'Row of the file, the header is 1';
comment on column import_failed.field is 'Field at fault';
comment on column import_failed.error is 'Key of the message catalogue';
comment on column import_failed.cells is 'The row as JSON, sealed by the import''s key';

create table erasure (
	erasure_id bigint generated always as identity primary key,
	contact_id bigint not null references contact,
	reason text not null,
	erased_at timestamptz not null default now(),
	erased_by bigint,
	receipt jsonb not null,
	needles bytea,
	kept bytea,
	kept_key_id bigint references data_key on delete set null,
	ledger_id bigint not null,
	scanned_at timestamptz,
	files_at timestamptz,
	scrubbed_at timestamptz,
	kept_until date,
	completed_at timestamptz
);
comment on table erasure is 'Receipts of erasure: what was cleared, what is kept, why and until when';
comment on column erasure.erasure_id is 'Key';
comment on column erasure.contact_id is 'The erased person''s neutral record';
comment on column erasure.reason is 'Code of a pick-list';
comment on column erasure.erased_at is 'First stage: key destroyed, columns neutral';
comment on column erasure.erased_by is 'Who';
comment on column erasure.receipt is 'Counts and field names; no value of the person';
comment on column erasure.needles is 'Old values for the scan, sealed; a day at most';
comment on column erasure.kept is 'Fields that a law keeps, sealed by kept_key_id';
comment on column erasure.kept_key_id is 'A key of its own, destroyed on the law''s last day';
comment on column erasure.ledger_id is 'Entry of the ledger in the cell database';
comment on column erasure.scanned_at is 'Second stage: remains elsewhere looked for';
comment on column erasure.files_at is 'Files unlinked';
comment on column erasure.scrubbed_at is 'Third stage: touched tables rewritten on disk';
comment on column erasure.kept_until is 'Last day of what a law keeps; null: nothing kept';
comment on column erasure.completed_at is 'When the kept part was erased too';
create index erasure_contact on erasure (contact_id);
create index erasure_kept on erasure (kept_until) where completed_at is null;

reset role;
