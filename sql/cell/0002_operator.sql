-- SPDX-License-Identifier: ISC
-- People of the operator, who sign in at a host of their own and reach a workspace only inside
-- a grant of its administrator. Their addresses are sealed; what they are let into, and why,
-- stands in the workspaces' databases.
set role praya_owner;

create table region_key (
	one boolean primary key default true check (one),
	wrapped bytea not null,
	created_at timestamptz not null default now()
);
comment on table region_key is 'The key of what this database keeps sealed of operators, made at its first use';
comment on column region_key.one is 'Always true: there is one row';
comment on column region_key.wrapped is 'The key, sealed by the master key';
comment on column region_key.created_at is 'When it was made';

create table operator (
	operator_id bigint generated always as identity primary key,
	email_key bytea unique,
	email bytea not null,
	password_hash text,
	totp bytea,
	totp_step bigint not null default 0,
	created_at timestamptz not null default now(),
	last_sign_in_at timestamptz,
	removed_at timestamptz
);
comment on table operator is 'People of the operator: for support access';
comment on column operator.operator_id is 'Key; what workspaces know of them';
comment on column operator.email_key is 'Keyed hash of the address: finds it; null: removed';
comment on column operator.email is 'The address, sealed';
comment on column operator.password_hash is 'Argon2id, PHC string; null: removed';
comment on column operator.totp is 'The secret of the second step, sealed; null: removed';
comment on column operator.totp_step is 'The step whose code was used last; none of it or before it is taken again';
comment on column operator.created_at is 'When it was added';
comment on column operator.last_sign_in_at is 'Last success';
comment on column operator.removed_at is 'Signs in no more; the row stays for the grants there were';

create table operator_session (
	session_id bigint generated always as identity primary key,
	hash bytea not null unique,
	operator_id bigint not null references operator,
	created_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	expires_at timestamptz not null,
	idle interval not null,
	ended_at timestamptz
);
comment on table operator_session is 'Browsers signed in at the operators'' host';
comment on column operator_session.session_id is 'Key';
comment on column operator_session.hash is 'SHA-256 of the secret; the secret itself is only with the client';
comment on column operator_session.operator_id is 'Whose';
comment on column operator_session.created_at is 'Sign-in';
comment on column operator_session.seen_at is 'Last use, to the minute';
comment on column operator_session.expires_at is 'Absolute end';
comment on column operator_session.idle is 'Ends after so long without use';
comment on column operator_session.ended_at is 'Signed out or cut';
create index operator_session_operator on operator_session (operator_id) where ended_at is null;

create table operator_guard (
	key bytea primary key,
	failures integer not null default 1,
	last_at timestamptz not null default now(),
	locked_until timestamptz
);
comment on table operator_guard is 'Counts failed sign-ins of operators per account and per address';
comment on column operator_guard.key is 'Keyed hash of the account name or the address: no list of either';
comment on column operator_guard.failures is 'Since the last success or the last quiet hour';
comment on column operator_guard.last_at is 'Last failure';
comment on column operator_guard.locked_until is 'No attempt is looked at before';

create table operator_case (
	case_id bigint generated always as identity primary key,
	operator_id bigint not null references operator,
	tenant_id bigint references tenant on delete cascade,
	grant_id bigint,
	slug bytea not null,
	scope text not null check (scope in ('read_masked', 'read', 'read_write')),
	hours integer not null check (hours between 1 and 24),
	created_at timestamptz not null default now()
);
comment on table operator_case is 'What operators have asked for or were offered: where to look for the grant';
comment on column operator_case.case_id is 'Key';
comment on column operator_case.operator_id is 'Whose';
comment on column operator_case.tenant_id is 'The workspace; null: there is none of the name that was asked for, which is not told';
comment on column operator_case.grant_id is 'The grant there';
comment on column operator_case.slug is 'The workspace''s name as it was asked for, sealed';
comment on column operator_case.scope is 'read_masked, read or read_write, as asked for';
comment on column operator_case.hours is 'As asked for';
comment on column operator_case.created_at is 'When';
create index operator_case_operator on operator_case (operator_id, case_id);
create index operator_case_tenant on operator_case (tenant_id) where tenant_id is not null;

grant select, insert, update on operator, operator_session to praya_cell;
grant select, insert, update, delete on operator_guard to praya_cell;
grant select, insert on operator_case, region_key to praya_cell;
grant select on operator, operator_session, operator_guard, operator_case to praya_backup;

reset role;
