-- SPDX-License-Identifier: ISC
-- What went out of sight between the asking and the making of a list is not in its file.
set role praya_owner;

alter table export_record add column left_out boolean not null default false;
comment on column export_record.left_out is 'It was out of sight, or not wanted any more, when the file was made: it is not in it';
comment on table export_record is 'The records that were asked for, fixed then; gone when the file is';

reset role;
