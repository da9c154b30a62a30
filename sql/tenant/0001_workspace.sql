-- SPDX-License-Identifier: ISC
-- Who works here and with what rights: workspace, profiles, users, sessions.
-- Owner of everything is praya_owner; the workspace's login role gets its
-- rights through the group praya_tenant (repeatable/grants.sql).
set role praya_owner;

create table workspace (
	one boolean primary key default true check (one),
	language text not null default 'en',
	currency text not null default 'HKD',
	created_at timestamptz not null default now()
);
comment on table workspace is 'Settings of the workspace, one row';
comment on column workspace.one is 'Always true: there is one row';
comment on column workspace.language is 'en or zh-Hant: for what has no reader of its own';
comment on column workspace.currency is 'ISO 4217: preset of new invoices';
comment on column workspace.created_at is 'When the workspace was made';
insert into workspace default values;

create table epoch (
	one boolean primary key default true check (one),
	access bigint not null default 1,
	catalogue bigint not null default 1
);
comment on table epoch is 'Counters that processes compare to know that what they cached is current';
comment on column epoch.one is 'Always true: there is one row';
comment on column epoch.access is 'Moves with every change of users, profiles, teams and their rights';
comment on column epoch.catalogue is 'Moves with every change of the field catalogue';
insert into epoch default values;

create table profile (
	profile_id bigint generated always as identity primary key,
	name text not null unique,
	builtin boolean not null default false,
	version bigint not null default 1
);
comment on table profile is 'A job: one profile per user';
comment on column profile.profile_id is 'Key';
comment on column profile.name is 'administrator, staff, or as named by an administrator';
comment on column profile.builtin is 'Ships with Praya: shown in the reader''s language';
comment on column profile.version is 'Moves with every change';

create table profile_right (
	profile_id bigint not null references profile on delete cascade,
	entity text not null,
	"right" text not null,
	scope text not null check (scope in ('own', 'team', 'all')),
	primary key (profile_id, entity, "right")
);
comment on table profile_right is 'What a profile may do with the records of an entity; no row means no';
comment on column profile_right.profile_id is 'The profile';
comment on column profile_right.entity is 'contact, company, ...; empty for special rights';
comment on column profile_right."right" is 'view, create, edit, delete, export, import, or a special right';
comment on column profile_right.scope is 'Whose records';

create table profile_field (
	profile_id bigint not null references profile on delete cascade,
	entity text not null,
	field text not null,
	level text not null check (level in ('hidden', 'masked', 'read', 'edit')),
	primary key (profile_id, entity, field)
);
comment on table profile_field is 'Exceptions by field; a field without a row is edit where the entity is';
comment on column profile_field.profile_id is 'The profile';
comment on column profile_field.entity is 'Entity of the field';
comment on column profile_field.field is 'Name of the field';
comment on column profile_field.level is 'hidden: does not exist; masked: mask only, no reveal; read; edit';

create table team (
	team_id bigint generated always as identity primary key,
	name text not null
);
comment on table team is 'Teams, for the visibility of records';
comment on column team.team_id is 'Key';
comment on column team.name is 'Name';

create table app_user (
	user_id bigint generated always as identity primary key,
	email text not null,
	email_key bytea not null unique,
	name text not null,
	language text not null default 'en',
	profile_id bigint not null references profile,
	team_id bigint references team,
	active boolean not null default true,
	password_hash text,
	password_at timestamptz,
	created_at timestamptz not null default now(),
	last_sign_in_at timestamptz,
	version bigint not null default 1
);
comment on table app_user is 'People who sign in';
comment on column app_user.user_id is 'Key';
comment on column app_user.email is 'Sign-in name, as typed';
comment on column app_user.email_key is 'SHA-256 of the address in lower case: unique without a constraint on a personal value';
comment on column app_user.name is 'Shown to colleagues';
comment on column app_user.language is 'en or zh-Hant';
comment on column app_user.profile_id is 'The one profile';
comment on column app_user.team_id is 'Team, for visibility';
comment on column app_user.active is 'False: cannot sign in';
comment on column app_user.password_hash is 'Argon2id, PHC string; null: none set';
comment on column app_user.password_at is 'When it was set';
comment on column app_user.created_at is 'When the user was added';
comment on column app_user.last_sign_in_at is 'Last success';
comment on column app_user.version is 'Moves with every change';

create table session (
	session_id bigint generated always as identity primary key,
	hash bytea not null unique,
	user_id bigint not null references app_user on delete cascade,
	kind text not null check (kind in ('cookie', 'token')),
	name text,
	created_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	expires_at timestamptz not null,
	idle interval,
	ip inet,
	agent text,
	ended_at timestamptz
);
comment on table session is 'Signed-in browsers, and bearer tokens of programs';
comment on column session.session_id is 'Key; what the audit log names';
comment on column session.hash is 'SHA-256 of the secret; the secret itself is only with the client';
comment on column session.user_id is 'Whose';
comment on column session.kind is 'cookie or token';
comment on column session.name is 'Of a token, as given when it was made';
comment on column session.created_at is 'Sign-in';
comment on column session.seen_at is 'Last use, to the minute';
comment on column session.expires_at is 'Absolute end';
comment on column session.idle is 'Ends after so long without use; null: does not';
comment on column session.ip is 'Address at sign-in';
comment on column session.agent is 'Browser family at sign-in';
comment on column session.ended_at is 'Signed out, revoked or cut';
create index session_by_user on session (user_id) where ended_at is null;

create table sign_in_guard (
	key bytea primary key,
	failures integer not null default 0,
	last_at timestamptz not null default now(),
	locked_until timestamptz
);
comment on table sign_in_guard is 'Counts failed sign-ins per account and per address';
comment on column sign_in_guard.key is 'Keyed hash of the account name or the address: no list of either';
comment on column sign_in_guard.failures is 'Since the last success or the last quiet hour';
comment on column sign_in_guard.last_at is 'Last failure';
comment on column sign_in_guard.locked_until is 'No attempt is looked at before';

insert into profile (name, builtin) values ('administrator', true), ('staff', true);
insert into profile_right (profile_id, entity, "right", scope)
select p.profile_id, e.entity, r.r, 'all'
from profile p,
	unnest(array['contact', 'company', 'activity', 'message', 'attachment', 'invoice']) e (entity),
	unnest(array['view', 'create', 'edit', 'delete', 'export', 'import']) r (r)
where p.name = 'administrator'
	or (p.name = 'staff' and r.r in ('view', 'create', 'edit'))
	or (p.name = 'staff' and r.r in ('import', 'delete') and e.entity in ('contact', 'company'));
insert into profile_right (profile_id, entity, "right", scope)
select profile_id, '', r, 'all' from profile,
	unnest(array['manage_users', 'manage_fields', 'manage_workspace', 'view_audit', 'erase', 'person_export']) r
where name = 'administrator';
insert into profile_field (profile_id, entity, field, level)
select profile_id, 'contact', f.f, f.l from profile,
	(values ('salary', 'hidden'), ('tax_id', 'masked'), ('hkid', 'masked')) f (f, l)
where name = 'staff';

reset role;
