-- SPDX-License-Identifier: ISC
-- A workspace that is on its way to another region.
set role praya_owner;

alter table tenant drop constraint tenant_state_check;
alter table tenant add constraint tenant_state_check check (state in
	('creating', 'active', 'suspended', 'closing', 'moving', 'destroying', 'destroyed'));
comment on column tenant.state is 'creating, active, suspended, closing; moving: it can be read until it is in another region; destroying: what is left of it goes; destroyed: nothing is left';

reset role;
