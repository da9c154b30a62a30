-- SPDX-License-Identifier: ISC
-- Workspaces that are gone: the row stays, so that nobody else has the name for a year.
set role praya_owner;

alter table tenant drop constraint tenant_state_check;
alter table tenant add constraint tenant_state_check
	check (state in ('creating', 'active', 'suspended', 'closing', 'destroying', 'destroyed'));
comment on column tenant.state is 'creating, active, suspended, closing; destroying: what is left of it goes; destroyed: nothing is left';

reset role;
