-- SPDX-License-Identifier: ISC
-- Who consented is named in the copy that somebody else gets (Cap. 486 s.20(1)(b)).
set role praya_owner;

alter table request_alias add column consent bytea,
	add column consented_at timestamptz,
	add column consented_by bigint;
comment on column request_alias.consent is 'Where their consent to being named is found, sealed under the request''s key; null: none';
comment on column request_alias.consented_at is 'When it was recorded';
comment on column request_alias.consented_by is 'By whom';

reset role;
