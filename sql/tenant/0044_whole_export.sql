-- SPDX-License-Identifier: ISC
-- Exports of the whole workspace: asked for and approved as every export is, in as
-- many files as it takes, each fetched so many times at most.
set role praya_owner;

alter table export drop constraint export_kind_check;
alter table export add constraint export_kind_check check (kind in ('list', 'person', 'workspace'));
alter table export add column begun_at timestamptz;
alter table export add column link bytea;
comment on column export.kind is 'list: records of a list; person: everything on one person; workspace: everything';
comment on column export.entity is 'What the records are; of everything: workspace';
comment on column export.begun_at is 'Of everything: when a worker began to make it, the last time';
comment on column export.link is 'Of everything: SHA-256 of what the link in the mail holds';
create index export_whole on export (export_id) where kind = 'workspace';
create index export_link on export (link) where link is not null;

alter table download add column fetch_max integer;
comment on column download.kind is 'person_export, list_export, workspace_export';
comment on column download.fetch_max is 'So often it can be fetched; null: as often as one likes';

reset role;
