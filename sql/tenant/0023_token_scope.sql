-- SPDX-License-Identifier: ISC
-- What a bearer token may do of all that its user may.
set role praya_owner;

alter table session add column scope text[];
comment on column session.scope is 'Of a token: its rights as profile_right has them, such as contact.view or .erase; null: all that the user has';

reset role;
