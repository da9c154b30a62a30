-- SPDX-License-Identifier: ISC
set role praya_owner;

alter table sign_in_guard add column failed_at timestamptz[] not null default '{}';
comment on column sign_in_guard.failed_at is 'Failures of the last hour, the newest 64';
comment on column sign_in_guard.failures is 'How many of the last hour are counted';

reset role;
