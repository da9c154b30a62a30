-- SPDX-License-Identifier: ISC
-- Workspaces that were destroyed, and the certificates of it. Outlives the workspace's own rows.
set role praya_owner;

create table destruction (
	tenant_id bigint primary key,
	slug text not null,
	name text not null,
	region text not null,
	reason text not null,
	early boolean not null,
	facts jsonb not null,
	begun_at timestamptz not null default now(),
	ended_at timestamptz,
	certificate text
);
comment on table destruction is 'Workspaces that were destroyed';
comment on column destruction.tenant_id is 'Its number; no reference: the row of it is gone';
comment on column destruction.slug is 'Its address';
comment on column destruction.name is 'Its name';
comment on column destruction.region is 'Where it was';
comment on column destruction.reason is 'Why: closed, or what the operator gave';
comment on column destruction.early is 'Before the time its owner had to come back';
comment on column destruction.facts is 'What there was, counted before anything went';
comment on column destruction.begun_at is 'When it began: it is not taken back';
comment on column destruction.ended_at is 'When nothing was left; null: it is to be gone on with';
comment on column destruction.certificate is 'What was signed of it, as JSON';

grant select, insert, update (ended_at, certificate) on destruction to praya_cell;
grant select on destruction to praya_backup;

reset role;
