-- SPDX-License-Identifier: ISC
-- Requests by the public form: links for those who have no sign-in, and files of a request.
set role praya_owner;

alter table privacy_request add column confirmed_at timestamptz;
comment on column privacy_request.confirmed_at is 'Of the public form: when the link in the mail was followed';

create table request_token (
	hash bytea primary key,
	request_id bigint not null references privacy_request,
	kind text not null check (kind in ('status', 'confirm', 'upload')),
	created_at timestamptz not null default now(),
	created_by bigint,
	expires_at timestamptz not null,
	used_at timestamptz
);
comment on table request_token is 'Links of those who ask and have no sign-in';
comment on column request_token.hash is 'Digest of the token in the address';
comment on column request_token.request_id is 'The request';
comment on column request_token.kind is 'status: how it stands; confirm: the same, sent by mail; upload: one file, once';
comment on column request_token.created_at is 'When it was made';
comment on column request_token.created_by is 'By whom; null: by who asks';
comment on column request_token.expires_at is 'No good after';
comment on column request_token.used_at is 'Of an upload: when it was used';
create index request_token_request on request_token (request_id);
create index request_token_expires on request_token (expires_at);

create table request_file (
	file_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	what text not null check (what in ('proof', 'answer')),
	name bytea not null,
	content_type text not null,
	object text,
	object_key bytea,
	size bigint not null,
	sha256 bytea not null,
	created_at timestamptz not null default now(),
	created_by bigint,
	destroyed_at timestamptz
);
comment on table request_file is 'Files of a request: what shows who asks, and what is handed over';
comment on column request_file.file_id is 'Key';
comment on column request_file.request_id is 'The request';
comment on column request_file.what is 'proof: of identity or authority, destroyed at the decision; answer: handed over to who asks';
comment on column request_file.name is 'Its name, sealed under the request''s key';
comment on column request_file.content_type is 'As claimed';
comment on column request_file.object is 'Name in the file store; null: destroyed there as well';
comment on column request_file.object_key is 'Key of the object, sealed under the request''s key; null: nobody opens it any more';
comment on column request_file.size is 'Bytes';
comment on column request_file.sha256 is 'Of the plain bytes';
comment on column request_file.created_at is 'When it came';
comment on column request_file.created_by is 'By whom; null: by who asks';
comment on column request_file.destroyed_at is 'When it was destroyed';
create index request_file_request on request_file (request_id, file_id);
create index request_file_object on request_file (object) where object is not null;
create index request_file_destroyed on request_file (file_id) where destroyed_at is not null and object is not null;

reset role;
