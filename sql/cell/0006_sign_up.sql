-- SPDX-License-Identifier: ISC
-- Workspaces that somebody asked for, until the mail is confirmed and they are made, and questions
-- for the workspaces that an address belongs to. What was typed is sealed; after a day nothing
-- of it is left.
set role praya_owner;

create table sign_up (
	sign_up_id bigint generated always as identity primary key,
	kind text not null check (kind in ('new', 'find')),
	state text not null default 'asked'
		check (state in ('asked', 'mailed', 'confirmed', 'made', 'failed')),
	hash bytea not null unique,
	sealed bytea,
	slug text,
	password_hash text,
	visitor bytea,
	tenant_id bigint,
	attempts integer not null default 0,
	created_at timestamptz not null default now(),
	run_at timestamptz not null default now(),
	expires_at timestamptz not null default now() + interval '1 day'
);
comment on table sign_up is 'Workspaces asked for and not yet made, and questions for the workspaces of an address';
comment on column sign_up.sign_up_id is 'Key';
comment on column sign_up.kind is 'new: a workspace is to be made; find: a mail says which workspaces an address belongs to';
comment on column sign_up.state is 'asked: the mail is to be sent; mailed; confirmed: the workspace is to be made; made; failed: the address was taken meanwhile';
comment on column sign_up.hash is 'SHA-256 of the secret in the mail''s link';
comment on column sign_up.sealed is 'Address of whoever asks, name, language, and until the mail is sent the secret; null: it is over';
comment on column sign_up.slug is 'The workspace''s address, from the confirmation on';
comment on column sign_up.password_hash is 'Argon2id, PHC string, from the confirmation until it is made';
comment on column sign_up.visitor is 'Keyed hash of the browser that confirmed: the only one that is handed over';
comment on column sign_up.tenant_id is 'The workspace that was made';
comment on column sign_up.attempts is 'How often the worker has begun';
comment on column sign_up.created_at is 'When it was asked for';
comment on column sign_up.run_at is 'The worker takes it up at';
comment on column sign_up.expires_at is 'Nothing is left of it after';
-- Of two that confirm the same address the second is told.
create unique index sign_up_slug on sign_up (slug) where state = 'confirmed';
create index sign_up_run on sign_up (run_at) where state in ('asked', 'confirmed');
create index sign_up_expires on sign_up (expires_at);

grant select, insert, update, delete on sign_up to praya_cell;
grant select on sign_up to praya_backup;

reset role;
