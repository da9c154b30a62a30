-- SPDX-License-Identifier: ISC
-- The operator closes a workspace, too, for an owner who cannot sign in: then nobody of it asked.
set role praya_owner;

alter table closing alter column asked_by drop not null;
comment on column closing.asked_by is 'Who; null: the operator, at the command line';

reset role;
