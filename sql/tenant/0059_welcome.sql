-- SPDX-License-Identifier: ISC
-- The way into a new workspace from the host where it was asked for.
set role praya_owner;

alter table sign_in_link drop constraint sign_in_link_kind_check;
alter table sign_in_link add constraint sign_in_link_kind_check check (kind in ('invite', 'reset', 'welcome'));
comment on column sign_in_link.kind is 'invite, reset; welcome: signs in who asked for the workspace, once, when it is made';

reset role;
