-- SPDX-License-Identifier: ISC
-- The second step of signing in.
set role praya_owner;

create table factor (
	factor_id bigint generated always as identity primary key,
	user_id bigint not null references app_user on delete cascade,
	kind text not null,
	key_id bigint,
	sealed bytea,
	used_step bigint not null default 0,
	created_at timestamptz not null default now(),
	confirmed_at timestamptz,
	last_used_at timestamptz
);
comment on table factor is 'What a user proves to have besides the password';
comment on column factor.factor_id is 'Key';
comment on column factor.user_id is 'Whose';
comment on column factor.kind is 'totp: an app that makes codes';
comment on column factor.key_id is 'A key of this factor alone, which goes with it. No reference: the row is looked at before anybody has come through the gate';
comment on column factor.sealed is 'The secret of a totp, sealed by that key';
comment on column factor.used_step is 'Of a totp: the step whose code was used last; none of it or before it is taken again';
comment on column factor.created_at is 'When it was begun';
comment on column factor.confirmed_at is 'When a first code showed that it works; null: not in force';
comment on column factor.last_used_at is 'Last use';
create index factor_user on factor (user_id);
create unique index factor_one_totp on factor (user_id, (confirmed_at is null)) where kind = 'totp';

create table recovery_code (
	user_id bigint not null references app_user on delete cascade,
	hash bytea not null,
	created_at timestamptz not null default now(),
	used_at timestamptz,
	primary key (user_id, hash)
);
comment on table recovery_code is 'Codes that stand in for the second step, each once';
comment on column recovery_code.user_id is 'Whose';
comment on column recovery_code.hash is 'SHA-256 of user and code; the code itself is only on the user''s paper';
comment on column recovery_code.created_at is 'When they were made';
comment on column recovery_code.used_at is 'Null: still good';

alter table profile add column require_totp boolean not null default false;
comment on column profile.require_totp is 'Its users do nothing before they have set up a second step';

reset role;
