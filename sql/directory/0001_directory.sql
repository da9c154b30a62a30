-- SPDX-License-Identifier: ISC
-- The one global database: which workspaces there are and in which region their
-- data lies. It knows nothing else about them: no name, no key, no person.
set role praya_owner;

revoke all on schema public from public;
grant usage on schema public to praya_directory, praya_backup;

create table region (
	region text primary key check (region ~ '^[a-z][a-z0-9-]{1,15}$'),
	created_at timestamptz not null default now()
);
comment on table region is 'Regions that were set up (praya init)';
comment on column region.region is 'hk, sg, eu, ...';
comment on column region.created_at is 'When';

create table tenant (
	tenant_id bigint generated always as identity primary key,
	uuid uuid not null unique default gen_random_uuid(),
	slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'),
	region text not null references region,
	state text not null default 'creating'
		check (state in ('creating', 'active', 'suspended', 'closing')),
	created_at timestamptz not null default now(),
	state_at timestamptz not null default now()
);
comment on table tenant is 'Workspaces of all regions';
comment on column tenant.tenant_id is 'Key; also in the name of the database and its role, praya_t_<id>';
comment on column tenant.uuid is 'What the outside may see of the key';
comment on column tenant.slug is 'First label of the hostname; may change';
comment on column tenant.region is 'Where its data lies';
comment on column tenant.state is 'creating: an interrupted creation goes on at the next call; active; suspended; closing';
comment on column tenant.created_at is 'When it was asked for';
comment on column tenant.state_at is 'Since when it has this state';

-- The pool looks up, the command line adds and changes; nothing is deleted by it.
grant select, insert on region to praya_directory;
grant select, insert, update (slug, region, state, state_at) on tenant to praya_directory;
grant select on all tables in schema public to praya_backup;

reset role;
