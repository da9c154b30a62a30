-- SPDX-License-Identifier: ISC
-- The audit log: one partition a month, insert and select only. Who and from
-- where are defaults that read the settings of gate_enter(): a statement that
-- did not come through the gate cannot write an event, and a read without its
-- event returns nothing, because both are one statement.
set role praya_owner;

create table field_set (
	field_set_id bigint generated always as identity primary key,
	entity text not null,
	fields text[] not null,
	unique (entity, fields)
);
comment on table field_set is 'Which fields a page or change touched, named once';
comment on column field_set.field_set_id is 'Key';
comment on column field_set.entity is 'Entity of the fields';
comment on column field_set.fields is 'Names, sorted; "hkid~" was shown masked';

create table audit_event (
	event_id bigint generated always as identity,
	at timestamptz not null default now(),
	generation integer not null default 1,
	xid xid8 not null default pg_current_xact_id(),
	actor_kind text not null default current_setting('praya.actor_kind'),
	actor_id bigint default nullif(current_setting('praya.user_id'), '')::bigint,
	via text not null default current_setting('praya.via'),
	session_id bigint default nullif(current_setting('praya.session_id'), '')::bigint,
	ip inet default nullif(current_setting('praya.ip'), '')::inet,
	agent text default nullif(current_setting('praya.agent'), ''),
	request_id text default nullif(current_setting('praya.request_id'), ''),
	route text not null default current_setting('praya.route'),
	action text not null,
	outcome text not null default 'ok',
	entity text,
	record_ids bigint[],
	subject_ids bigint[],
	field_set_id bigint,
	reason text,
	count bigint,
	key_id bigint,
	changes bytea,
	primary key (at, event_id)
) partition by range (at);
comment on table audit_event is 'Who saw or did what';
comment on column audit_event.event_id is 'Key within its moment';
comment on column audit_event.at is 'Start of the transaction';
comment on column audit_event.generation is 'Moves with every restore of the database';
comment on column audit_event.xid is 'Transaction: commit order is not id order';
comment on column audit_event.actor_kind is 'user, worker, cli, nobody';
comment on column audit_event.actor_id is 'User; null for nobody and the worker';
comment on column audit_event.via is 'cookie, token, worker, cli, none';
comment on column audit_event.session_id is 'Session or token';
comment on column audit_event.ip is 'Address of the client';
comment on column audit_event.agent is 'Browser family';
comment on column audit_event.request_id is 'As in the operator''s log';
comment on column audit_event.route is 'Name of the route, job or command';
comment on column audit_event.action is 'view, list, search, reveal, create, update, ...';
comment on column audit_event.outcome is 'ok, denied, failed';
comment on column audit_event.entity is 'Kind of the records';
comment on column audit_event.record_ids is 'The records shown or changed';
comment on column audit_event.subject_ids is 'The contacts whose data it was';
comment on column audit_event.field_set_id is 'The fields';
comment on column audit_event.reason is 'Code of a pick-list; never free text about a person';
comment on column audit_event.count is 'Records, where ids would be too many';
comment on column audit_event.key_id is 'Key that sealed changes';
comment on column audit_event.changes is 'Old and new values, sealed under the person''s key';
create index audit_event_actor on audit_event (actor_id, at, event_id);
-- Rare actions are found by themselves; the hot ones pay for no entry.
create index audit_event_action on audit_event (action, at, event_id)
	where action not in ('view', 'list', 'search');

create table audit_seen (
	contact_id bigint not null,
	at timestamptz not null,
	event_id bigint not null,
	primary key (contact_id, at, event_id)
);
comment on table audit_seen is 'Events by person, filled every minute by the worker: no such index in the hot path';
comment on column audit_seen.contact_id is 'The person';
comment on column audit_seen.at is 'Time of the event';
comment on column audit_seen.event_id is 'The event';

create table audit_mark (
	one boolean primary key default true check (one),
	seen_xid xid8 not null default '0',
	seen_at timestamptz not null default '-infinity'
);
comment on table audit_mark is 'How far audit_seen has come';
comment on column audit_mark.one is 'Always true: there is one row';
comment on column audit_mark.seen_xid is 'Every event of an older transaction is in audit_seen';
comment on column audit_mark.seen_at is 'No event before it is missing from audit_seen';
insert into audit_mark default values;

reset role;
