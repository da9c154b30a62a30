-- SPDX-License-Identifier: ISC
-- Handing files over to those who have no sign-in, by link and one-time code.
set role praya_owner;

create table handover (
	handover_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	file_id bigint not null references request_file,
	hash bytea not null,
	email bytea not null,
	created_at timestamptz not null default now(),
	created_by bigint,
	expires_at timestamptz not null,
	code bytea,
	code_until timestamptz,
	tries integer not null default 0,
	codes integer not null default 0,
	fetched_at timestamptz,
	fetches integer not null default 0,
	ended_at timestamptz,
	warned_on date
);
comment on table handover is 'Links by which an answer is handed over';
comment on column handover.handover_id is 'Key';
comment on column handover.request_id is 'The request';
comment on column handover.file_id is 'What is handed over';
comment on column handover.hash is 'Digest of the token in the address';
comment on column handover.email is 'Where the codes go, sealed under the request''s key';
comment on column handover.created_at is 'When it was made';
comment on column handover.created_by is 'By whom';
comment on column handover.expires_at is 'No good after';
comment on column handover.code is 'Keyed digest of the code that was mailed last; null: none is good';
comment on column handover.code_until is 'Until when it is';
comment on column handover.tries is 'Wrong codes since it was mailed';
comment on column handover.codes is 'Codes mailed in all';
comment on column handover.fetched_at is 'When it was fetched first';
comment on column handover.fetches is 'How often it was fetched';
comment on column handover.ended_at is 'When another one took its place, or it was ended';
comment on column handover.warned_on is 'Day on which it was last said that nobody fetched it';
create unique index handover_hash on handover (hash);
create index handover_request on handover (request_id, handover_id);
create index handover_file on handover (file_id);
create index handover_waiting on handover (expires_at) where fetched_at is null and ended_at is null;

reset role;
