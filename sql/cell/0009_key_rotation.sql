-- SPDX-License-Identifier: ISC
-- A workspace gets another key of its own; what lies under the one before is wrapped anew.
set role praya_owner;

alter table tenant_key add column done_at timestamptz;
update tenant_key set done_at = created_at;
comment on column tenant_key.done_at is 'Everything that lay under the version before was wrapped by this one; null: not yet';
comment on column tenant_key.kek_version is 'From 1; the highest wraps what is new, the lowest is what others come from';
grant update (done_at) on tenant_key to praya_cell;

reset role;
