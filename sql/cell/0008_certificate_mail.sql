-- SPDX-License-Identifier: ISC
-- Who is sent the certificate of a destruction: kept, sealed, only until they have it.
set role praya_owner;

alter table destruction add column owners bytea, add column mail_at timestamptz not null default now(),
	add column mail_tries integer not null default 0;
comment on column destruction.owners is 'Administrators who are still to be sent the certificate, sealed under the region''s key; null: nobody, or not any more';
comment on column destruction.mail_at is 'The next mail is due';
comment on column destruction.mail_tries is 'How often it was tried';
create index destruction_mail on destruction (mail_at) where owners is not null;

grant update (owners, mail_at, mail_tries) on destruction to praya_cell;

reset role;
