-- SPDX-License-Identifier: ISC
-- How long the log is kept: whole months, of which the oldest go. What a month
-- that is gone held is still known by number, and why one is still there.
set role praya_owner;

alter table workspace add column audit_months integer not null default 13
	constraint workspace_audit_months check (audit_months between 12 and 120);
comment on column workspace.audit_months is 'Full months of the log that are kept besides the one under way';

create table audit_month (
	month date primary key,
	notice_at timestamptz,
	notice_runs integer not null default 0,
	notice_last timestamptz,
	dropped_at timestamptz,
	events bigint,
	cleared boolean not null default false
);
comment on table audit_month is 'Months of the log: those that are there and those that went';
comment on column audit_month.month is 'Its first day, in Hong Kong';
comment on column audit_month.notice_at is 'Since when it is past its time; null: it is not, or is held';
comment on column audit_month.notice_runs is 'Days on which that was found to be so';
comment on column audit_month.notice_last is 'The last of them';
comment on column audit_month.dropped_at is 'When its events were taken out of the log';
comment on column audit_month.events is 'How many it had then';
comment on column audit_month.cleared is 'Its entries are out of audit_seen, too';

create table audit_hold (
	hold_id bigint generated always as identity primary key,
	first_day date not null,
	last_day date not null,
	reason text not null,
	source_id bigint,
	created_by bigint references app_user,
	created_at timestamptz not null default now(),
	ended_by bigint references app_user,
	ended_at timestamptz,
	check (first_day <= last_day)
);
comment on table audit_hold is 'Times of which the log stays, however long ago they are';
comment on column audit_hold.hold_id is 'Key';
comment on column audit_hold.first_day is 'From this day, in Hong Kong';
comment on column audit_hold.last_day is 'To the end of this day';
comment on column audit_hold.reason is 'investigation, dispute, authority, incident, request';
comment on column audit_hold.source_id is 'The incident or request it is for; null: somebody''s own decision';
comment on column audit_hold.created_by is 'Whose decision; null: Praya''s, or the operator''s';
comment on column audit_hold.created_at is 'When it was set';
comment on column audit_hold.ended_by is 'Who ended it';
comment on column audit_hold.ended_at is 'When it ended; null: it is in force';
create index audit_hold_open on audit_hold (first_day, last_day) where ended_at is null;
create index audit_hold_created_by on audit_hold (created_by);
create index audit_hold_ended_by on audit_hold (ended_by);

alter table audit_mark add column clock_at timestamptz not null default now();
comment on column audit_mark.clock_at is 'The time when months were last looked at: shows a clock that jumped';

reset role;
