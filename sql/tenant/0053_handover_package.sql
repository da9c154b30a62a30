-- SPDX-License-Identifier: ISC
-- A link may hand over the package that was made of the approved copy, too.
set role praya_owner;

alter table handover
	alter column file_id drop not null,
	add column download_id bigint references download,
	add constraint handover_what check (num_nonnulls(file_id, download_id) = 1);
comment on column handover.file_id is 'What is handed over, when somebody put it there';
comment on column handover.download_id is 'What is handed over, when it is the package';
create index handover_download on handover (download_id) where download_id is not null;

reset role;
