-- SPDX-License-Identifier: ISC
-- What a new workspace settles first: the statement on collection, and whether HKID numbers are asked for.
set role praya_owner;

alter table letter_head add column statement text;
comment on column letter_head.statement is 'Statement on collection: what people are told when their data is asked for (DPP1(3))';
alter table workspace add column no_hkid_at timestamptz;
comment on column workspace.no_hkid_at is 'When it was decided to ask for no HKID numbers; that they are asked for is said by the field';

reset role;
