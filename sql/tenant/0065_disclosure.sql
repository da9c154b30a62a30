-- SPDX-License-Identifier: ISC
-- To whom data of a person was given, when, which fields and why; and who of them is
-- told of a correction (Cap. 486 s.23(1)(c)).
set role praya_owner;

create table disclosure (
	disclosure_id bigint generated always as identity primary key,
	contact_id bigint not null references contact,
	disclosed_on date not null,
	fields text[] not null default '{}',
	recipient bytea not null,
	purpose bytea not null,
	created_at timestamptz not null default now(),
	created_by bigint
);
comment on table disclosure is 'What was given to others about a person, as it was written down by hand; exports, hand-overs and mails are listed of themselves';
comment on column disclosure.disclosure_id is 'Key';
comment on column disclosure.contact_id is 'Whose data';
comment on column disclosure.disclosed_on is 'Day on which it was given';
comment on column disclosure.fields is 'Names of the fields';
comment on column disclosure.recipient is 'To whom, sealed under the person''s key';
comment on column disclosure.purpose is 'Why, sealed under the person''s key';
comment on column disclosure.created_at is 'When it was written down';
comment on column disclosure.created_by is 'By whom';
create index disclosure_contact on disclosure (contact_id, disclosed_on);

alter table request_item add column source text check (source in ('export', 'handover', 'mail', 'register')),
	add column ref bigint, add column disclosed_on date, add column reason bytea;
comment on column request_item.source is 'Of a recipient: how the old value went to them; null: named by hand';
comment on column request_item.ref is 'Which export, hand-over, message or row of disclosure it was';
comment on column request_item.disclosed_on is 'When';
comment on column request_item.reason is 'Why a recipient is not told, sealed under the request''s key';
create unique index request_item_ref on request_item (request_id, source, ref) where source is not null;

reset role;
