-- SPDX-License-Identifier: ISC
-- The workspaces of a region, as every worker and command of it lists them.
set role praya_owner;

create index tenant_region on tenant (region);

reset role;
