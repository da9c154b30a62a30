-- SPDX-License-Identifier: ISC
-- How long what is kept: the least that a law wants, the most that the workspace allows itself.
set role praya_owner;

create table retention_rule (
	rule_id bigint generated always as identity primary key,
	entity text not null check (entity in ('contact', 'message', 'activity', 'attachment', 'invoice', 'log_book',
		'request')),
	category text,
	field text,
	counts_from text not null,
	min_months integer,
	max_months integer,
	law text not null default '',
	term text,
	active boolean not null default true,
	created_at timestamptz not null default now(),
	created_by bigint
);
comment on table retention_rule is 'How long what is kept: at least by a law, at most by the workspace''s own word';
comment on column retention_rule.rule_id is 'Key';
comment on column retention_rule.entity is 'Kind of record';
comment on column retention_rule.category is 'Of a contact: fields of this category; null: of any';
comment on column retention_rule.field is 'Of a contact: this field alone; null: every field';
comment on column retention_rule.counts_from is 'The day both periods count from: a date of the record';
comment on column retention_rule.min_months is 'Months within which it cannot be erased; null: no least period';
comment on column retention_rule.max_months is 'Months after which it is due for erasure; null: no longest period';
comment on column retention_rule.law is 'Why, as the receipt of an erasure names it';
comment on column retention_rule.term is 'A rule that ships with Praya: its period and law are those of law_term';
comment on column retention_rule.active is 'False: taken out';
comment on column retention_rule.created_at is 'When it was made';
comment on column retention_rule.created_by is 'By whom';
create index retention_rule_active on retention_rule (entity, rule_id) where active;

insert into retention_rule (entity, counts_from, term) values
	('invoice', 'issued_on', 'business_records'),
	('log_book', 'entered_at', 'log_book'),
	('request', 'closed_at', 'case_file');

reset role;
