-- SPDX-License-Identifier: ISC
-- Links that let somebody set a password: an invitation, or after one was forgotten.
set role praya_owner;

create table sign_in_link (
	hash bytea primary key,
	user_id bigint not null references app_user on delete cascade,
	kind text not null check (kind in ('invite', 'reset')),
	created_at timestamptz not null default now(),
	created_by bigint,
	expires_at timestamptz not null
);
comment on table sign_in_link is 'Links sent by mail; gone with their use, their time, or a new password';
comment on column sign_in_link.hash is 'SHA-256 of the secret in the link; the secret itself is only in the mail';
comment on column sign_in_link.user_id is 'Whose password it sets';
comment on column sign_in_link.kind is 'invite, reset';
comment on column sign_in_link.created_at is 'When it was sent';
comment on column sign_in_link.created_by is 'Who sent it; null: whoever asked for it on the sign-in page, or the operator';
comment on column sign_in_link.expires_at is 'Good for nothing after';
create index sign_in_link_user on sign_in_link (user_id);

reset role;
