-- SPDX-License-Identifier: ISC
-- Mail on its way out. The row is written in the transaction that makes the mail
-- necessary; a job sends it.
set role praya_owner;

create table outbox (
	outbox_id bigint generated always as identity primary key,
	kind text not null,
	state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
	user_id bigint references app_user on delete set null,
	key_id bigint references data_key on delete set null,
	sealed bytea,
	attempts integer not null default 0,
	error text,
	created_at timestamptz not null default now(),
	created_by bigint,
	expires_at timestamptz not null,
	ended_at timestamptz
);
comment on table outbox is 'Mails that wait for the relay, and for a month what became of them';
comment on column outbox.outbox_id is 'Key';
comment on column outbox.kind is 'Template: invite, reset, ...';
comment on column outbox.state is 'waiting, sent (the relay has it), failed';
comment on column outbox.user_id is 'The user it goes to; null: somebody else';
comment on column outbox.key_id is 'A key of this mail alone, destroyed with its end';
comment on column outbox.sealed is 'Recipient, subject and text, sealed by that key; null when it has ended';
comment on column outbox.attempts is 'Times it was handed to the relay';
comment on column outbox.error is 'Code of what went wrong last';
comment on column outbox.created_at is 'When it was written';
comment on column outbox.created_by is 'Whose doing; null: Praya''s';
comment on column outbox.expires_at is 'Not sent after: a link in it may be good for so long only';
comment on column outbox.ended_at is 'Sent or given up';
create index outbox_waiting on outbox (created_at) where state = 'waiting';
create index outbox_ended on outbox (ended_at) where state <> 'waiting';
create index outbox_user on outbox (user_id) where user_id is not null;
create index outbox_key on outbox (key_id) where key_id is not null;

reset role;
