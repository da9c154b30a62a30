-- SPDX-License-Identifier: ISC
-- Watching over the log: what is out of the ordinary is shown to administrators.
set role praya_owner;

create table watch_rule (
	rule text primary key,
	enabled boolean not null default true,
	threshold integer not null check (threshold between 1 and 1000000),
	factor integer not null default 1 check (factor between 1 and 1000),
	from_hour integer check (from_hour between 0 and 23),
	to_hour integer check (to_hour between 0 and 23),
	position integer not null
);
comment on table watch_rule is 'What is watched for; settings of the workspace';
comment on column watch_rule.rule is 'Code: seen, night_export, reveal, network, failures, undecided';
comment on column watch_rule.enabled is 'It raises alerts';
comment on column watch_rule.threshold is 'So many in an hour at least';
comment on column watch_rule.factor is 'And so many times what the same user sees in an hour as a rule';
comment on column watch_rule.from_hour is 'Night begins, in Hong Kong';
comment on column watch_rule.to_hour is 'Night ends';
comment on column watch_rule.position is 'Order in lists';
insert into watch_rule (rule, threshold, factor, from_hour, to_hour, position) values
	('seen', 500, 5, null, null, 1), ('night_export', 1, 1, 22, 7, 2), ('reveal', 20, 1, null, null, 3),
	('network', 1, 1, null, null, 4), ('failures', 30, 1, null, null, 5), ('undecided', 1, 1, null, null, 6);

create table watch_count (
	who text not null,
	hour timestamptz not null,
	seen bigint not null default 0,
	revealed bigint not null default 0,
	failed bigint not null default 0,
	primary key (who, hour)
);
comment on table watch_count is 'What users and addresses did, by the hour, for thirty days: their habit';
comment on column watch_count.who is 'u and a user''s number, or a and an address';
comment on column watch_count.hour is 'Beginning of the hour';
comment on column watch_count.seen is 'People shown, counted each time';
comment on column watch_count.revealed is 'Fields shown in full, one event each';
comment on column watch_count.failed is 'Attempts that were refused';
create index watch_count_hour on watch_count (hour);

create table watch_network (
	user_id bigint not null references app_user,
	network inet not null,
	first_at timestamptz not null,
	last_at timestamptz not null,
	primary key (user_id, network)
);
comment on table watch_network is 'Networks a user has signed in from: /24, or /48 of IPv6';
comment on column watch_network.user_id is 'The user';
comment on column watch_network.network is 'The network';
comment on column watch_network.first_at is 'First time';
comment on column watch_network.last_at is 'Last time';

create table watch_mark (
	one boolean primary key default true check (one),
	xid xid8 not null,
	at timestamptz not null default now()
);
comment on table watch_mark is 'How far the log has been watched';
comment on column watch_mark.one is 'Always true: there is one row';
comment on column watch_mark.xid is 'Events of older transactions have been looked at';
comment on column watch_mark.at is 'When that was';
insert into watch_mark (xid) values (pg_snapshot_xmin(pg_current_snapshot()));

create table alert (
	alert_id bigint generated always as identity primary key,
	rule text not null references watch_rule,
	who text not null,
	day date not null,
	user_id bigint references app_user,
	ip inet,
	incident_id bigint,
	n bigint not null,
	from_at timestamptz not null,
	to_at timestamptz not null,
	raised_at timestamptz not null default now(),
	mailed_at timestamptz,
	seen_at timestamptz,
	seen_by bigint references app_user,
	unique (rule, who, day)
);
comment on table alert is 'What was out of the ordinary: once a rule, user or address, and day';
comment on column alert.alert_id is 'Key';
comment on column alert.rule is 'Which rule';
comment on column alert.who is 'Whom or what it is about, as a text';
comment on column alert.day is 'Of which day, in Hong Kong';
comment on column alert.user_id is 'The user, if it is one';
comment on column alert.ip is 'The address, if it is one';
comment on column alert.incident_id is 'The incident, if it is one; no reference: whoever reads alerts need not see it';
comment on column alert.n is 'How many';
comment on column alert.from_at is 'The events lie between this';
comment on column alert.to_at is 'and this';
comment on column alert.raised_at is 'When it was raised';
comment on column alert.mailed_at is 'When administrators were told by mail';
comment on column alert.seen_at is 'When somebody has dealt with it';
comment on column alert.seen_by is 'Who';
create index alert_new on alert (alert_id) where seen_at is null;
create index alert_unmailed on alert (alert_id) where mailed_at is null;
create index alert_user on alert (user_id) where user_id is not null;
create index alert_incident on alert (incident_id) where incident_id is not null;
create index alert_seen_by on alert (seen_by) where seen_by is not null;

reset role;
