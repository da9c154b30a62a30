-- SPDX-License-Identifier: ISC
-- A change of a team rests on a version, as that of everything else.
set role praya_owner;

alter table team add column version bigint not null default 1;
comment on column team.version is 'Moves with every change';

reset role;
