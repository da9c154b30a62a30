-- SPDX-License-Identifier: ISC
-- Which field a correction is about, so that those are told who received it.
set role praya_owner;

alter table request_item add column field text;
comment on column request_item.field is 'Of a field to decide on: which of the contact''s it is; null: in words only';

reset role;
