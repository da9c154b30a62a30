-- SPDX-License-Identifier: ISC
-- The ledger of erasures has a copy in a signed file outside of the cluster.
set role praya_owner;

alter table erasure_ledger add column file_n bigint;
comment on column erasure_ledger.file_n is 'Its line in the signed file outside of the cluster; null: not there yet';
create index erasure_ledger_file on erasure_ledger (tenant_id, file_n);
grant update (file_n) on erasure_ledger to praya_cell;

reset role;
