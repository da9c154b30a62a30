-- SPDX-License-Identifier: ISC
-- Support access: the operator's people see nothing of a workspace but inside a grant of its
-- administrator, which says who, why, how much and how long.
set role praya_owner;

create table support_grant (
	grant_id bigint generated always as identity primary key,
	operator_id bigint not null,
	reason text not null,
	scope text not null check (scope in ('read_masked', 'read', 'read_write')),
	hours integer not null check (hours between 1 and 24),
	asked_at timestamptz,
	given_at timestamptz,
	given_by bigint references app_user,
	ends_at timestamptz,
	refused_at timestamptz,
	refused_by bigint references app_user,
	revoked_at timestamptz,
	revoked_by bigint references app_user,
	until_at timestamptz not null,
	closed_at timestamptz,
	created_at timestamptz not null default now()
);
comment on table support_grant is 'Requests and grants of support access';
comment on column support_grant.grant_id is 'Key; in every event that happens inside it';
comment on column support_grant.operator_id is 'Who: of the operators in the region''s database';
comment on column support_grant.reason is 'Why, as whoever asked or gave wrote it; users are told';
comment on column support_grant.scope is 'read_masked: no personal or encrypted field is shown; read; read_write: adds and changes records, too';
comment on column support_grant.hours is 'How long, from when it is given';
comment on column support_grant.asked_at is 'The operator''s request; it lapses after 12 hours; null: offered by an administrator';
comment on column support_grant.given_at is 'An administrator agreed';
comment on column support_grant.given_by is 'Who';
comment on column support_grant.ends_at is 'Nothing is shown from then on';
comment on column support_grant.refused_at is 'An administrator did not agree';
comment on column support_grant.refused_by is 'Who';
comment on column support_grant.revoked_at is 'Ended before its time';
comment on column support_grant.revoked_by is 'Who; null: the operator was removed';
comment on column support_grant.until_at is 'Open until then at the longest: a request for 12 hours, a grant to its end';
comment on column support_grant.closed_at is 'The worker has seen that it is over: pages no longer tell of it';
comment on column support_grant.created_at is 'When the row was made';
create index support_grant_open on support_grant (until_at) where closed_at is null;
create index support_grant_operator on support_grant (operator_id) where closed_at is null;
create index support_grant_given_by on support_grant (given_by) where given_by is not null;
create index support_grant_refused_by on support_grant (refused_by) where refused_by is not null;
create index support_grant_revoked_by on support_grant (revoked_by) where revoked_by is not null;

create table support_entry (
	hash bytea primary key,
	grant_id bigint not null references support_grant,
	expires_at timestamptz not null
);
comment on table support_entry is 'Tickets with which an operator comes from the operators'' host: once, within a minute';
comment on column support_entry.hash is 'SHA-256 of the ticket';
comment on column support_entry.grant_id is 'Into which grant';
comment on column support_entry.expires_at is 'Good until';
create index support_entry_grant on support_entry (grant_id);

reset role;
