-- SPDX-License-Identifier: ISC
-- Passkeys: factors that are a password and a second step in one.
set role praya_owner;

alter table factor
	add column credential_id bytea,
	add column public_key bytea,
	add column alg integer,
	add column sign_count bigint not null default 0,
	add column name text;
comment on column factor.kind is 'totp: an app that makes codes; passkey: a key pair that an authenticator keeps';
comment on column factor.credential_id is 'Of a passkey: the name its authenticator has given it';
comment on column factor.public_key is 'Of a passkey: its public half, as libfido2 keeps it';
comment on column factor.alg is 'Of a passkey: number of the algorithm (COSE): -7 ES256, -8 EdDSA, -257 RS256';
comment on column factor.sign_count is 'Of a passkey: what its authenticator counted at the last use; one that goes back has a copy somewhere';
comment on column factor.name is 'Of a passkey: what its user calls it';
create unique index factor_credential on factor (credential_id) where kind = 'passkey';

create table passkey_challenge (
	hash bytea primary key,
	expires_at timestamptz not null
);
comment on table passkey_challenge is 'What authenticators are asked to sign: each once, within minutes';
comment on column passkey_challenge.hash is 'SHA-256 of what it is for, of the visit or session it was given to, and of the challenge, which is nowhere here';
comment on column passkey_challenge.expires_at is 'No good from then on';
create index passkey_challenge_expires on passkey_challenge (expires_at);

reset role;
