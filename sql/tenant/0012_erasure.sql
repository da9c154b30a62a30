-- SPDX-License-Identifier: ISC
-- What a law keeps of an erased person ends on its own day, each thing for itself.
set role praya_owner;

create table erasure_term (
	erasure_id bigint not null references erasure,
	until date not null,
	key_id bigint references data_key on delete set null,
	fields bytea,
	primary key (erasure_id, until)
);
comment on table erasure_term is 'What a law keeps of an erased person until one day';
comment on column erasure_term.erasure_id is 'The erasure';
comment on column erasure_term.until is 'The law''s last day';
comment on column erasure_term.key_id is 'A key of its own, destroyed after that day; it also opens the files kept until then';
comment on column erasure_term.fields is 'The kept fields, {name: text}, sealed by key_id; null: files only';
create index erasure_term_key on erasure_term (key_id);

alter table erasure add column next_until date;
comment on column erasure.next_until is 'Earliest last day of what is still kept; the next run comes after it. Null: nothing is';
comment on column erasure.kept is 'No longer written: erasure_term';
comment on column erasure.kept_key_id is 'No longer written: erasure_term';
create index erasure_next on erasure (next_until) where completed_at is null;
create index erasure_open on erasure (erasure_id) where scrubbed_at is null;

reset role;

-- As praya_migrate, whom row-level security does not hold back.
insert into erasure_term (erasure_id, until, key_id, fields)
select erasure_id, kept_until, kept_key_id, kept from erasure
where kept_key_id is not null and completed_at is null;
update erasure set next_until = kept_until, kept = null, kept_key_id = null where completed_at is null;
