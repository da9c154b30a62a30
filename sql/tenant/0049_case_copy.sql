-- SPDX-License-Identifier: ISC
-- The copy that a request for access is answered with: records as at receipt, what in
-- them tells of others, who looked it through, and the package that leaves.
set role praya_owner;

alter table privacy_request add column copied_at timestamptz,
	add column copy_job bigint references job,
	add column package_id bigint references download;
comment on column privacy_request.copied_at is 'When the copy as at receipt was put together';
comment on column privacy_request.copy_job is 'The job that does or did it';
comment on column privacy_request.package_id is 'The file that leaves, made of what was looked through and approved';
create index privacy_request_package on privacy_request (package_id) where package_id is not null;
create index privacy_request_copy_job on privacy_request (copy_job) where copy_job is not null;

create table request_copy (
	copy_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	entity text not null check (entity in ('company', 'activity', 'message', 'attachment', 'invoice', 'contact')),
	record_id bigint not null,
	contact_id bigint references contact,
	own boolean not null,
	sealed bytea not null,
	pending integer not null default 0,
	marks integer not null default 0,
	reviewed_at timestamptz,
	reviewed_by bigint,
	ground text check (ground in ('20(1)(b)', '20(1)(c)', '20(3)(d)', '20(3)(ea)', '20(3)(f)'))
);
comment on table request_copy is 'Records as they were when a request for access was received';
comment on column request_copy.copy_id is 'Key';
comment on column request_copy.request_id is 'The request';
comment on column request_copy.entity is 'Kind of record';
comment on column request_copy.record_id is 'Its number';
comment on column request_copy.contact_id is 'Whom it hangs on; null: on nobody';
comment on column request_copy.own is 'It hangs on a person whom the request is about';
comment on column request_copy.sealed is 'Its fields, sealed under the request''s key';
comment on column request_copy.pending is 'Marks that nobody has decided on';
comment on column request_copy.marks is 'Marks in all';
comment on column request_copy.reviewed_at is 'When somebody had looked it through';
comment on column request_copy.reviewed_by is 'Who';
comment on column request_copy.ground is 'It is withheld: the section that says so';
create unique index request_copy_record on request_copy (request_id, entity, record_id);
create index request_copy_order on request_copy (request_id, copy_id);
create index request_copy_open on request_copy (request_id, copy_id) where reviewed_at is null;
create index request_copy_contact on request_copy (contact_id) where contact_id is not null;

create table request_alias (
	alias_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	number integer not null,
	contact_id bigint references contact,
	user_id bigint references app_user,
	digest bytea,
	check (num_nonnulls(contact_id, user_id, digest) = 1)
);
comment on table request_alias is 'Other people in the copy of a request: each has one letter in all of it';
comment on column request_alias.alias_id is 'Key';
comment on column request_alias.request_id is 'The request';
comment on column request_alias.number is 'Person A is 0';
comment on column request_alias.contact_id is 'A contact, or';
comment on column request_alias.user_id is 'a user, or';
comment on column request_alias.digest is 'a number, address or name that nobody here has: keyed hash';
create unique index request_alias_contact on request_alias (contact_id, request_id) where contact_id is not null;
create unique index request_alias_user on request_alias (user_id, request_id) where user_id is not null;
create unique index request_alias_digest on request_alias (request_id, digest) where digest is not null;
create index request_alias_request on request_alias (request_id, alias_id);

create table request_mark (
	mark_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	copy_id bigint not null references request_copy on delete cascade,
	alias_id bigint not null references request_alias,
	field text not null,
	start integer not null check (start >= 0),
	size integer not null check (size > 0),
	kind text not null check (kind in ('email', 'phone', 'hkid', 'name', 'added')),
	state text not null default 'proposed' check (state in ('proposed', 'accepted', 'rejected')),
	decided_at timestamptz,
	decided_by bigint
);
comment on table request_mark is 'What in a copy tells who somebody else is: a place in a text, never the text';
comment on column request_mark.mark_id is 'Key';
comment on column request_mark.request_id is 'The request';
comment on column request_mark.copy_id is 'The record';
comment on column request_mark.alias_id is 'Who it is';
comment on column request_mark.field is 'Field of the record';
comment on column request_mark.start is 'First byte in the field''s text';
comment on column request_mark.size is 'Bytes';
comment on column request_mark.kind is 'What it is; added: by hand';
comment on column request_mark.state is 'accepted: it is replaced by the letter; rejected: it stays';
comment on column request_mark.decided_at is 'When it was decided';
comment on column request_mark.decided_by is 'By whom';
create index request_mark_copy on request_mark (copy_id, field, start);
create index request_mark_request on request_mark (request_id, mark_id);
create index request_mark_alias on request_mark (alias_id);

reset role;
