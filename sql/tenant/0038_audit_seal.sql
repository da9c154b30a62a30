-- SPDX-License-Identifier: ISC
-- The chain over the log. Each link covers the events of a stretch of transactions
-- in one month by their digest, and the link before it; its head is signed.
set role praya_owner;

create table audit_seal (
	seal_id bigint primary key,
	kind text not null,
	generation bigint not null,
	xid_from xid8 not null,
	xid_to xid8 not null,
	month date,
	events bigint not null,
	total bigint not null,
	digest bytea not null,
	head bytea not null,
	signature bytea not null,
	at timestamptz not null
);
comment on table audit_seal is 'Links of the chain over the log';
comment on column audit_seal.seal_id is 'Number; one is left out only where a loss is recorded';
comment on column audit_seal.kind is 'events; month: one that went in its time; loss: what a restore lost; start: of a generation';
comment on column audit_seal.generation is 'Of the database: moves with every restore';
comment on column audit_seal.xid_from is 'Events of this transaction and later ones';
comment on column audit_seal.xid_to is 'And of those before this one: all of them are over';
comment on column audit_seal.month is 'The month they are in, or the one that went';
comment on column audit_seal.events is 'How many they are, were or are lost';
comment on column audit_seal.total is 'Events sealed so far';
comment on column audit_seal.digest is 'SHA-256 of the events, or the head that was lost';
comment on column audit_seal.head is 'SHA-256 of the head before and of this link';
comment on column audit_seal.signature is 'Ed25519, by the workspace''s key';
comment on column audit_seal.at is 'When it was made';
create index audit_seal_month on audit_seal (month, seal_id);

create table audit_check (
	check_id bigint generated always as identity primary key,
	at timestamptz not null default now(),
	made_by bigint references app_user,
	job_id bigint,
	good boolean not null,
	result jsonb not null
);
comment on table audit_check is 'How looks at the whole log went';
comment on column audit_check.check_id is 'Key';
comment on column audit_check.at is 'When';
comment on column audit_check.made_by is 'Who asked; null: the operator';
comment on column audit_check.job_id is 'The job that did it';
comment on column audit_check.good is 'Nothing was found';
comment on column audit_check.result is 'Numbers, and what was found';
create index audit_check_made_by on audit_check (made_by);

reset role;
