-- SPDX-License-Identifier: ISC
-- What tells of a workspace's log outside of its own database: how far it has come.
set role praya_owner;

create table audit_head (
	tenant_id bigint primary key references tenant on delete cascade,
	seal_id bigint not null,
	line text not null,
	public bytea not null,
	at timestamptz not null default now()
);
comment on table audit_head is 'The newest head of each workspace''s log';
comment on column audit_head.tenant_id is 'The workspace';
comment on column audit_head.seal_id is 'Its seal';
comment on column audit_head.line is 'The head with its signature, as it stands in the file, too';
comment on column audit_head.public is 'The key it is signed with: that of a workspace made out of a backup, too';
comment on column audit_head.at is 'When it came here';

create index audit_head_public on audit_head (public, seal_id);

grant select, insert, update on audit_head to praya_cell;
grant select on audit_head to praya_backup;

reset role;
