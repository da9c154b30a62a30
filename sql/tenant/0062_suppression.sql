-- SPDX-License-Identifier: ISC
-- Who was erased is not made anew, and who opted out is sent no marketing: kept as
-- keyed digests of telephone numbers and email addresses, which name nobody.
set role praya_owner;

create table suppression (
	suppression_id bigint generated always as identity primary key,
	kind text not null check (kind in ('erased', 'opt_out')),
	digest bytea not null,
	since timestamptz not null default now(),
	returned_at timestamptz,
	returned_by bigint,
	returned_how text check (returned_how in ('counter', 'phone', 'email', 'letter', 'chat', 'form'))
);
comment on table suppression is 'Numbers and addresses that make nobody anew, or get no marketing; never taken out';
comment on column suppression.suppression_id is 'Key';
comment on column suppression.kind is 'erased: of an erased person; opt_out: Cap. 486 s.35G. Either stops marketing';
comment on column suppression.digest is 'Keyed digest of a number or an address, by a key of this workspace';
comment on column suppression.since is 'When the person was erased, or opted out; the first time counts';
comment on column suppression.returned_at is 'When somebody came back by an act of their own: a new record may be made; marketing stays stopped';
comment on column suppression.returned_by is 'Who recorded that';
comment on column suppression.returned_how is 'How they came back';
create unique index suppression_digest on suppression (digest, kind);

alter table contact add column marketing_stopped_at timestamptz;
comment on column contact.marketing_stopped_at is 'Since when nothing is sent for marketing; null: it was never stopped';

alter table import_failed add column blocked_on date;
comment on column import_failed.blocked_on is 'The row is of somebody who was erased on that day';

reset role;
