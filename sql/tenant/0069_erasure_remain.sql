-- SPDX-License-Identifier: ISC
-- What an erasure found elsewhere is decided by somebody, item by item.
set role praya_owner;

create table erasure_remain (
	erasure_id bigint not null references erasure,
	entity text not null,
	record_id bigint not null,
	decision text not null check (decision in ('cleared', 'kept')),
	reason text check (reason in ('another_person', 'own_record', 'law', 'claim', 'out_of_reach')),
	decided_at timestamptz not null default now(),
	decided_by bigint,
	primary key (erasure_id, entity, record_id),
	check ((decision = 'kept') = (reason is not null))
);
comment on table erasure_remain is 'What was decided about something that an erasure found elsewhere';
comment on column erasure_remain.erasure_id is 'The erasure whose receipt lists it';
comment on column erasure_remain.entity is 'Kind of record, or export, package, upload, letter, outbox, incident, takedown';
comment on column erasure_remain.record_id is 'Its number';
comment on column erasure_remain.decision is 'cleared: what names the person is gone from it; kept: it stays, for the reason';
comment on column erasure_remain.reason is 'Of what is kept: another_person, own_record (of somebody else), law, claim, out_of_reach';
comment on column erasure_remain.decided_at is 'When, the last time';
comment on column erasure_remain.decided_by is 'By whom';

reset role;
