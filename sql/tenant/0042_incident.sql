-- SPDX-License-Identifier: ISC
-- Data breach incidents: what is known, five steps, who was exposed, who was told.
set role praya_owner;

create table incident (
	incident_id bigint generated always as identity primary key,
	reference text not null,
	kind text not null check (kind in ('attack', 'insider', 'account', 'lost', 'recipient', 'published', 'system', 'other')),
	state text not null default 'suspected',
	aware_at timestamptz not null,
	began_at timestamptz not null,
	key_id bigint not null references data_key,
	particulars bytea not null,
	notify boolean,
	decided_at timestamptz,
	decided_by bigint,
	approved_at timestamptz,
	approved_by bigint,
	pcpd_at timestamptz,
	subjects_at timestamptz,
	others_at timestamptz,
	recorded_at timestamptz not null default now(),
	recorded_by bigint references app_user,
	closed_at timestamptz,
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
comment on table incident is 'A breach of security, suspected or actual; never deleted';
comment on column incident.incident_id is 'Key';
comment on column incident.reference is 'Number that letters carry: year and key';
comment on column incident.kind is 'What kind of thing happened';
comment on column incident.state is 'Where it stands; worked out of steps and decision, moves by incident_event alone';
comment on column incident.aware_at is 'When the business became aware: clocks count from it';
comment on column incident.began_at is 'When it began, as far as is known';
comment on column incident.key_id is 'Key of this incident alone';
comment on column incident.particulars is 'What is known of it: JSON, sealed';
comment on column incident.notify is 'The decision: the people and the Commissioner are told';
comment on column incident.decided_at is 'When it was made';
comment on column incident.decided_by is 'By whom';
comment on column incident.approved_at is 'When a second person approved it';
comment on column incident.approved_by is 'Who';
comment on column incident.pcpd_at is 'When the Commissioner was told';
comment on column incident.subjects_at is 'When the people were told';
comment on column incident.others_at is 'When somebody else was told';
comment on column incident.recorded_at is 'When it was recorded';
comment on column incident.recorded_by is 'By whom';
comment on column incident.closed_at is 'When its last step was closed';
comment on column incident.updated_at is 'Last change';
comment on column incident.version is 'Moves with every change';
create unique index incident_reference on incident (reference);
create index incident_key on incident (key_id);
create index incident_recorded_by on incident (recorded_by);
create index incident_open on incident (aware_at, incident_id) where closed_at is null;

create table incident_step (
	incident_id bigint not null references incident,
	step integer not null check (step between 1 and 5),
	started_at timestamptz not null default now(),
	started_by bigint,
	closed_at timestamptz,
	closed_by bigint,
	primary key (incident_id, step)
);
comment on table incident_step is 'Steps of the Commissioner''s guidance: 1 gather, 2 contain, 3 assess, 4 notify, 5 document; begun in any order, closed in this one';
comment on column incident_step.incident_id is 'The incident';
comment on column incident_step.step is 'Which of the five';
comment on column incident_step.started_at is 'When it was begun';
comment on column incident_step.started_by is 'By whom';
comment on column incident_step.closed_at is 'When it was closed';
comment on column incident_step.closed_by is 'By whom';

create table incident_event (
	event_id bigint generated always as identity primary key,
	incident_id bigint not null references incident,
	at timestamptz not null default now(),
	by_user bigint,
	action text not null,
	step integer,
	note bytea,
	data jsonb not null default '{}',
	sole boolean not null default false
);
comment on table incident_event is 'What happened to an incident: added to, never changed';
comment on column incident_event.event_id is 'Key';
comment on column incident_event.incident_id is 'The incident';
comment on column incident_event.at is 'When';
comment on column incident_event.by_user is 'By whom; null: Praya itself';
comment on column incident_event.action is 'start, close, decide, approve, told; or record, note, list, frozen, which move nothing';
comment on column incident_event.step is 'Which step was started or closed';
comment on column incident_event.note is 'In words, sealed under the incident''s key';
comment on column incident_event.data is 'Codes, numbers and days';
comment on column incident_event.sole is 'Approved by whoever decided, because nobody else could';
create index incident_event_incident on incident_event (incident_id, event_id);

create table exposure (
	exposure_id bigint generated always as identity primary key,
	incident_id bigint not null references incident,
	actor_ids bigint[] not null default '{}',
	session_ids bigint[] not null default '{}',
	addresses text[] not null default '{}',
	contact_ids bigint[] not null default '{}',
	froms timestamptz[] not null,
	tos timestamptz[] not null,
	state text not null default 'waiting' check (state in ('waiting', 'collecting', 'folding', 'digesting', 'frozen')),
	cursor_at timestamptz,
	cursor_id bigint,
	folded bigint not null default 0,
	events bigint not null default 0,
	entries bigint not null default 0,
	people bigint not null default 0,
	summary jsonb not null default '{}',
	digest bytea,
	job_id bigint,
	asked_at timestamptz not null default now(),
	asked_by bigint references app_user,
	frozen_at timestamptz
);
comment on table exposure is 'Who was exposed by an incident: what was asked of the log, and what came of it';
comment on column exposure.exposure_id is 'Key';
comment on column exposure.incident_id is 'The incident';
comment on column exposure.actor_ids is 'Events of any of these users,';
comment on column exposure.session_ids is 'or any of these sessions and tokens,';
comment on column exposure.addresses is 'or from any of these addresses; none of the three: everybody''s';
comment on column exposure.contact_ids is 'About these people only; none: all';
comment on column exposure.froms is 'From these times, one for each stretch,';
comment on column exposure.tos is 'and before these';
comment on column exposure.state is 'waiting, collecting, folding, digesting, frozen';
comment on column exposure.cursor_at is 'How far the log was read: time';
comment on column exposure.cursor_id is 'and event';
comment on column exposure.folded is 'How far the work in hand is: number of a person';
comment on column exposure.events is 'Events that were read';
comment on column exposure.entries is 'Rows of the list';
comment on column exposure.people is 'People in it';
comment on column exposure.summary is 'How many people by way and by category of data';
comment on column exposure.digest is 'SHA-256 of the list as it was frozen';
comment on column exposure.job_id is 'The job that makes it';
comment on column exposure.asked_at is 'When it was asked for';
comment on column exposure.asked_by is 'By whom';
comment on column exposure.frozen_at is 'Since when nobody can change it';
create index exposure_incident on exposure (incident_id, exposure_id);
create index exposure_asked_by on exposure (asked_by);

create table exposure_part (
	part_id bigint generated always as identity primary key,
	exposure_id bigint not null,
	contact_id bigint not null,
	how text not null,
	field_set_id bigint not null,
	first_at timestamptz not null,
	last_at timestamptz not null,
	times bigint not null
);
comment on table exposure_part is 'A list under way: what each piece of the log gave; gone when it is frozen';
comment on column exposure_part.part_id is 'Key';
comment on column exposure_part.exposure_id is 'The list';
comment on column exposure_part.contact_id is 'A person';
comment on column exposure_part.how is 'viewed, listed, exported, sent, changed';
comment on column exposure_part.field_set_id is 'The fields; 0: not known';
comment on column exposure_part.first_at is 'First time';
comment on column exposure_part.last_at is 'Last time';
comment on column exposure_part.times is 'How often';
create index exposure_part_person on exposure_part (exposure_id, contact_id);

create table exposure_entry (
	exposure_id bigint not null references exposure,
	contact_id bigint not null,
	how text not null,
	field_set_id bigint not null,
	first_at timestamptz not null,
	last_at timestamptz not null,
	times bigint not null,
	primary key (exposure_id, contact_id, how, field_set_id)
);
comment on table exposure_entry is 'A list: who, how, which fields, when. By number, so that whoever was erased is in it, too';
comment on column exposure_entry.exposure_id is 'The list';
comment on column exposure_entry.contact_id is 'A person';
comment on column exposure_entry.how is 'viewed, listed, exported, sent, changed';
comment on column exposure_entry.field_set_id is 'The fields; 0: not known';
comment on column exposure_entry.first_at is 'First time';
comment on column exposure_entry.last_at is 'Last time';
comment on column exposure_entry.times is 'How often';

create table incident_letter (
	event_id bigint not null references incident_event,
	contact_id bigint not null references contact,
	how text not null check (how in ('print', 'email')),
	at timestamptz not null default now(),
	primary key (event_id, contact_id)
);
comment on table incident_letter is 'Who was written to about an incident: one row a letter';
comment on column incident_letter.event_id is 'The event that asked for the letters';
comment on column incident_letter.contact_id is 'To whom';
comment on column incident_letter.how is 'print: in a file to be printed; email: by the outbox';
comment on column incident_letter.at is 'When';
create index incident_letter_contact on incident_letter (contact_id);
create index download_letters on download (download_id) where kind = 'breach_letters' and destroyed_at is null;

reset role;
