-- SPDX-License-Identifier: ISC
-- What a finished export of a list holds: whoever may not read that any more loses it.
set role praya_owner;

alter table export add column held text[];
comment on column export.held is 'Columns of a list''s file; "hkid~" is masked. Null: not finished, or a person''s';

reset role;
