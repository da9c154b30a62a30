-- SPDX-License-Identifier: ISC
-- The texts that a law keeps of an erased person lie sealed, as the fields do: in
-- the records themselves nothing is left of them.
set role praya_owner;

create table erasure_text (
	erasure_id bigint not null,
	until date not null,
	entity text not null,
	record_id bigint not null,
	sealed bytea not null,
	primary key (erasure_id, until, entity, record_id),
	foreign key (erasure_id, until) references erasure_term on delete cascade
);
comment on table erasure_text is 'Texts of messages, notes and files that a law keeps of an erased person';
comment on column erasure_text.erasure_id is 'The erasure';
comment on column erasure_text.until is 'The law''s last day: the key of its erasure_term goes after it';
comment on column erasure_text.entity is 'message, activity, attachment';
comment on column erasure_text.record_id is 'The record, which has no text any more';
comment on column erasure_text.sealed is '{field: text}, sealed by the key of the erasure_term';

reset role;
