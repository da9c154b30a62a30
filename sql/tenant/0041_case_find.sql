-- SPDX-License-Identifier: ISC
-- Finding a person for a request: texts by what they can be found by, what was found,
-- and the places outside of Praya where data lies.
set role praya_owner;

create table other_source (
	source_id bigint generated always as identity primary key,
	name text not null,
	holder text not null,
	days integer not null check (days between 1 and 40),
	active boolean not null default true,
	created_at timestamptz not null default now(),
	created_by bigint
);
comment on table other_source is 'Where the business holds personal data outside of Praya: each is asked for every request for access';
comment on column other_source.source_id is 'Key';
comment on column other_source.name is 'What it is: till, CCTV, staff files, paper, telephones';
comment on column other_source.holder is 'Who looks there: a post, not a person';
comment on column other_source.days is 'Days after receipt within which it answers';
comment on column other_source.active is 'Requests that are recorded now ask it';
comment on column other_source.created_at is 'When it was added';
comment on column other_source.created_by is 'By whom';
create index other_source_active on other_source (source_id) where active;

alter table request_item add column source_id bigint references other_source,
	add column due_on date;
comment on column request_item.source_id is 'The source of the workspace''s list; null: named for this request alone';
comment on column request_item.due_on is 'By when it is to be answered';
create unique index request_item_source on request_item (request_id, source_id) where source_id is not null;
create index request_item_sources on request_item (source_id) where source_id is not null;

create table request_record (
	request_id bigint not null references privacy_request,
	entity text not null check (entity in ('company', 'activity', 'message', 'attachment', 'invoice', 'contact')),
	record_id bigint not null,
	contact_id bigint references contact,
	added_at timestamptz not null default now(),
	added_by bigint,
	primary key (request_id, entity, record_id)
);
comment on table request_record is 'Records that speak of the person and hang on somebody else, found for a request';
comment on column request_record.request_id is 'The request';
comment on column request_record.entity is 'Kind of record';
comment on column request_record.record_id is 'Its number';
comment on column request_record.contact_id is 'Whom it hangs on; null: on nobody';
comment on column request_record.added_at is 'When it was added';
comment on column request_record.added_by is 'By whom';
create index request_record_contact on request_record (contact_id) where contact_id is not null;

-- An index of whole words, pairs of characters and numbers: see praya_sys.tokens().
create index message_tokens on message using gin
	(praya_sys.tokens(subject, body, sender, recipients) praya_sys.text_array_ops);
create index activity_tokens on activity using gin (praya_sys.tokens(subject, body) praya_sys.text_array_ops);
create index attachment_tokens on attachment using gin (praya_sys.tokens(file_name) praya_sys.text_array_ops);
create index invoice_line_tokens on invoice_line using gin (praya_sys.tokens(description) praya_sys.text_array_ops);
create index contact_tokens on contact using gin
	(praya_sys.tokens(bio, address, linkedin_url) praya_sys.text_array_ops);
create index company_tokens on company using gin
	(praya_sys.tokens(remarks, address, website) praya_sys.text_array_ops);

reset role;
