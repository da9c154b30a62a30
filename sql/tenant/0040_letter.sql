-- SPDX-License-Identifier: ISC
-- Letters of requests: which a step asks for, what they say, how they went out.
set role praya_owner;

create table letter_use (
	request_kind text not null,
	action text not null,
	letter text not null,
	law text,
	position integer not null,
	primary key (request_kind, action, letter)
);
comment on table letter_use is 'Which letter goes with which step of a request';
comment on column letter_use.request_kind is 'Kind of request';
comment on column letter_use.action is 'The step, an event of request_event; empty: whenever it is needed';
comment on column letter_use.letter is 'The letter; where a step has several, one of them';
comment on column letter_use.law is 'Section of Cap. 486 that asks for it in writing; null: good practice';
comment on column letter_use.position is 'Order in lists';
insert into letter_use (request_kind, action, letter, law, position) values
	('access', 'record', 'acknowledge', null, 10),
	('access', 'clarify', 'clarify', '20', 20),
	('access', 'fee', 'fee', '28', 30),
	('access', '', 'form_choice', '19(4)', 40),
	('access', 'not_held', 'not_held', '19(1)(b)', 50),
	('access', 'not_held', 'no_disclosure', '21(2)', 51),
	('access', 'comply', 'copy', '19(1)(a)', 60),
	('access', 'comply', 'held', '19(1)(a)', 61),
	('access', 'comply_partly', 'partial', '21(1)', 70),
	('access', 'delay', 'delay', '19(2)(a)', 80),
	('access', 'refuse', 'refuse', '21(1)', 90),
	('access', 'refuse', 'no_disclosure', '21(2)', 91),
	('access', 'withdraw', 'withdrawn', null, 100),
	('correction', 'record', 'acknowledge', null, 10),
	('correction', 'clarify', 'clarify', '24', 20),
	('correction', 'correct', 'corrected', '23(1)(b)', 30),
	('correction', 'correct_partly', 'correction_refused', '25(1)', 40),
	('correction', 'notify_recipients', 'recipient', '23(1)(c)', 50),
	('correction', 'delay', 'delay', '23(2)(a)', 60),
	('correction', 'refuse', 'correction_refused', '25(1)', 70),
	('correction', 'withdraw', 'withdrawn', null, 80),
	('erasure', 'record', 'acknowledge', null, 10),
	('erasure', '', 'clarify', null, 20),
	('erasure', 'assess', 'erasure', null, 30),
	('erasure', 'decline', 'erasure', null, 31),
	('erasure', 'withdraw', 'withdrawn', null, 40),
	('opt_out', 'apply', 'opt_out', null, 10);

create table letter (
	letter_id bigint generated always as identity primary key,
	request_id bigint not null references privacy_request,
	letter text not null,
	language text not null check (language in ('en', 'zh-Hant')),
	created_at timestamptz not null default now(),
	created_by bigint,
	sealed bytea not null,
	pdf bytea,
	pages integer,
	sent_how text check (sent_how in ('mail', 'post')),
	sent_on date,
	sent_at timestamptz,
	sent_by bigint,
	outbox_id bigint references outbox on delete set null
);
comment on table letter is 'Letters written in a request: what they say stays, whoever they are for';
comment on column letter.letter_id is 'Key';
comment on column letter.request_id is 'The request';
comment on column letter.letter is 'Which one, of letter_use';
comment on column letter.language is 'Its language';
comment on column letter.created_at is 'When it was written';
comment on column letter.created_by is 'By whom';
comment on column letter.sealed is 'Recipient, letterhead and text as JSON, sealed under the request''s key';
comment on column letter.pdf is 'The same as PDF, sealed; null: still to be made';
comment on column letter.pages is 'Pages of the PDF';
comment on column letter.sent_how is 'By mail, or printed and posted or handed over; null: not yet';
comment on column letter.sent_on is 'Day on which it went out, in Hong Kong';
comment on column letter.sent_at is 'When that was recorded';
comment on column letter.sent_by is 'By whom';
comment on column letter.outbox_id is 'The mail it went out as';
create index letter_request on letter (request_id, letter_id);
create index letter_outbox on letter (outbox_id) where outbox_id is not null;

create table letter_template (
	letter text not null,
	language text not null check (language in ('en', 'zh-Hant')),
	subject text not null,
	body text not null,
	updated_at timestamptz not null default now(),
	updated_by bigint,
	primary key (letter, language)
);
comment on table letter_template is 'The workspace''s own words of a letter; no row: those that ship with Praya';
comment on column letter_template.letter is 'Which letter';
comment on column letter_template.language is 'In which language';
comment on column letter_template.subject is 'Its heading, with {placeholders}';
comment on column letter_template.body is 'Its text, with {placeholders}';
comment on column letter_template.updated_at is 'When it was written';
comment on column letter_template.updated_by is 'By whom';

create table letter_head (
	language text primary key check (language in ('en', 'zh-Hant')),
	name text,
	address text,
	contact text,
	handler text,
	updated_at timestamptz not null default now(),
	updated_by bigint
);
comment on table letter_head is 'The workspace''s letterhead, and who answers requests';
comment on column letter_head.language is 'In which language';
comment on column letter_head.name is 'Of the business; null: the workspace''s';
comment on column letter_head.address is 'Where letters to it go';
comment on column letter_head.contact is 'Telephone, mail, web address: a line or two';
comment on column letter_head.handler is 'Name or job title of who handles requests (DPP1(3))';
comment on column letter_head.updated_at is 'When it was written';
comment on column letter_head.updated_by is 'By whom';

reset role;
