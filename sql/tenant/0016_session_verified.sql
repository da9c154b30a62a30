-- SPDX-License-Identifier: ISC
-- When whoever is signed in has last proved who they are: what is grave asks anew.
set role praya_owner;

alter table session add column verified_at timestamptz;
comment on column session.verified_at is 'Last proof of identity: sign-in, or password or code asked for in between; null: never, or a token';
comment on column session.hash is 'SHA-256 of the secret; the secret itself is only with the client. Another one with every proof of identity';
update session set verified_at = created_at where kind = 'cookie';

reset role;
