-- SPDX-License-Identifier: ISC
-- Mail of somebody who was erased waits apart, until it is let in or destroyed.
set role praya_owner;

create table mail_tray (
	tray_id bigint generated always as identity primary key,
	key_id bigint references data_key on delete set null,
	particulars bytea,
	object text,
	object_key bytea,
	size bigint not null,
	mail_key bytea not null,
	erased_on date not null,
	state text not null default 'waiting' check (state in ('waiting', 'let_in', 'destroyed')),
	created_at timestamptz not null default now(),
	decided_at timestamptz,
	decided_by bigint,
	how text check (how in ('counter', 'phone', 'email', 'letter', 'chat', 'form'))
);
comment on table mail_tray is 'Mail messages from, or to, the address of an erased person: in nobody''s file, sealed';
comment on column mail_tray.tray_id is 'Key';
comment on column mail_tray.key_id is 'A key of its own; null: it was destroyed';
comment on column mail_tray.particulars is 'Whose address, subject and date, sealed by key_id';
comment on column mail_tray.object is 'The message in the file store; null: it is gone';
comment on column mail_tray.object_key is 'Key of the object, sealed by key_id';
comment on column mail_tray.size is 'Bytes';
comment on column mail_tray.mail_key is 'Keyed digest of the message''s identifier: the same one waits once';
comment on column mail_tray.erased_on is 'When the person of the address was erased';
comment on column mail_tray.state is 'waiting; let_in: filed under a new record; destroyed, by somebody or after its time';
comment on column mail_tray.created_at is 'When it came';
comment on column mail_tray.decided_at is 'When it was decided';
comment on column mail_tray.decided_by is 'By whom; null: its time was over';
comment on column mail_tray.how is 'Of one let in: how the person came back';
create index mail_tray_waiting on mail_tray (created_at, tray_id) where state = 'waiting';
create unique index mail_tray_same on mail_tray (mail_key) where state = 'waiting';
create index mail_tray_object on mail_tray (object) where object is not null;
create index mail_tray_key on mail_tray (key_id) where key_id is not null;

reset role;
