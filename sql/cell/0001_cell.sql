-- SPDX-License-Identifier: ISC
-- One database a region: what must stay in the region but outside of the
-- workspaces' own databases.
set role praya_owner;

revoke all on schema public from public;
grant usage on schema public to praya_cell, praya_backup;

create table master_check (
	one boolean primary key default true check (one),
	sealed bytea not null,
	created_at timestamptz not null default now()
);
comment on table master_check is 'Tells whether a master key is the one this region was set up with';
comment on column master_check.one is 'Always true: there is one row';
comment on column master_check.sealed is 'A known text sealed by the master key';
comment on column master_check.created_at is 'When the region was set up';

create table tenant (
	tenant_id bigint primary key,
	name text not null,
	region text not null,
	created_at timestamptz not null default now()
);
comment on table tenant is 'Workspaces of this region';
comment on column tenant.tenant_id is 'As in the directory';
comment on column tenant.name is 'The business''s name, shown on its pages and in lists of the operator';
comment on column tenant.region is 'As in the directory when it was made';
comment on column tenant.created_at is 'When it was made';

create table tenant_key (
	tenant_id bigint not null references tenant on delete cascade,
	kek_version integer not null,
	wrapped bytea not null,
	created_at timestamptz not null default now(),
	primary key (tenant_id, kek_version)
);
comment on table tenant_key is 'Keys of workspaces, each wrapped by the master key, which is in no database';
comment on column tenant_key.tenant_id is 'The workspace';
comment on column tenant_key.kek_version is 'From 1; the highest wraps what is new';
comment on column tenant_key.wrapped is 'The key, sealed by the master key';
comment on column tenant_key.created_at is 'When it was made';

create table erasure_ledger (
	ledger_id bigint generated always as identity primary key,
	tenant_id bigint not null references tenant on delete cascade,
	contact_id bigint not null,
	intent_at timestamptz not null default now(),
	done_at timestamptz
);
comment on table erasure_ledger is 'Erasures, outside of the database they happen in: a restored one is erased again before it opens';
comment on column erasure_ledger.ledger_id is 'Key';
comment on column erasure_ledger.tenant_id is 'The workspace';
comment on column erasure_ledger.contact_id is 'The erased person''s neutral record';
comment on column erasure_ledger.intent_at is 'Written before the erasure: the worker finishes what was cut off';
comment on column erasure_ledger.done_at is 'Committed in the workspace''s database';
create index erasure_ledger_tenant on erasure_ledger (tenant_id, contact_id);
create index erasure_ledger_open on erasure_ledger (tenant_id) where done_at is null;

create table wakeup (
	tenant_id bigint primary key references tenant on delete cascade,
	dirty_at timestamptz,
	next_due_at timestamptz,
	taken_at timestamptz
);
comment on table wakeup is 'Which workspaces have work for the worker';
comment on column wakeup.tenant_id is 'The workspace';
comment on column wakeup.dirty_at is 'Work is waiting since; null: none';
comment on column wakeup.next_due_at is 'Work becomes due at; null: none is known';
comment on column wakeup.taken_at is 'A worker looks after it since; after five minutes another may';
create index wakeup_dirty on wakeup (dirty_at) where dirty_at is not null;
create index wakeup_taken on wakeup (taken_at) where taken_at is not null;
create index wakeup_due on wakeup (next_due_at) where next_due_at is not null;

-- One role for pool, worker and command line. A ledger entry is closed, never
-- changed or taken out.
grant select, insert on master_check, tenant_key to praya_cell;
grant select, insert, update (name) on tenant to praya_cell;
grant select, insert, update (done_at) on erasure_ledger to praya_cell;
grant select, insert, update on wakeup to praya_cell;
grant select on all tables in schema public to praya_backup;
-- Keys go to a key file of their own, never with the archives of this database.
revoke all on tenant_key from praya_backup;

reset role;
