-- SPDX-License-Identifier: ISC
-- The log as it is looked at. What is common is found by its time, so only what is rare
-- pays for an entry; one event by its number, in a few kilobytes a month.
set role praya_owner;

drop index audit_event_action;
create index audit_event_action on audit_event (action, at, event_id) where action not in ('view', 'list');
drop index audit_event_entity;
create index audit_event_entity on audit_event (entity, at, event_id) where entity <> 'contact';
create index audit_event_number on audit_event using brin (event_id) with (pages_per_range = 16, autosummarize = on);

create table audit_day (
	day date not null,
	action text not null,
	actor_id bigint not null,
	events bigint not null,
	primary key (day, action, actor_id)
);
comment on table audit_day is 'How many events a day had: counted by the worker every minute, for the chart';
comment on column audit_day.day is 'In Hong Kong';
comment on column audit_day.action is 'Of the events';
comment on column audit_day.actor_id is 'User; 0: none';
comment on column audit_day.events is 'How many';
insert into audit_day (day, action, actor_id, events)
select (at at time zone 'Asia/Hong_Kong')::date, action, coalesce(actor_id, 0), count(*) from audit_event
where xid < (select seen_xid from audit_mark) group by 1, 2, 3;

alter table export drop constraint export_kind_check;
alter table export add constraint export_kind_check check (kind in ('list', 'person', 'workspace', 'log'));
alter table export add column log_filter text;
comment on column export.kind is 'list: records of a list; person: everything on one person; workspace: everything; log: events of the audit log';
comment on column export.log_filter is 'Of the log: which events; codes and numbers only';
comment on column download.kind is 'person_export, list_export, workspace_export, log_export';

reset role;
