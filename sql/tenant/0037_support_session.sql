-- SPDX-License-Identifier: ISC
-- What happens inside a grant of support access: its sessions, searches and events.
set role praya_owner;

alter table session alter column user_id drop not null;
alter table session add column grant_id bigint references support_grant;
comment on column session.user_id is 'Whose; null: support access, which is no user';
comment on column session.kind is 'cookie, token, view_as: somebody who manages users looks at what user_id sees; grant: support access';
comment on column session.grant_id is 'Of support access: with the grant this session ends';
alter table session drop constraint session_kind_check;
alter table session add constraint session_kind_check check (kind in ('cookie', 'token', 'view_as', 'grant'));
alter table session add constraint session_of_grant check
	((kind = 'grant') = (grant_id is not null) and (kind = 'grant') = (user_id is null));
create index session_grant on session (grant_id) where grant_id is not null;

alter table stored_query alter column user_id drop not null;
alter table stored_query add column grant_id bigint references support_grant;
alter table stored_query alter column grant_id
	set default nullif(current_setting('praya.grant_id', true), '')::bigint;
comment on column stored_query.user_id is 'Who searched; null: somebody inside a grant of support access';
comment on column stored_query.grant_id is 'That grant';
create index stored_query_grant on stored_query (grant_id) where grant_id is not null;

alter table audit_event add column grant_id bigint;
alter table audit_event alter column grant_id
	set default nullif(current_setting('praya.grant_id', true), '')::bigint;
alter table audit_event add column operator_id bigint;
alter table audit_event alter column operator_id
	set default nullif(current_setting('praya.operator_id', true), '')::bigint;
comment on column audit_event.grant_id is 'The grant of support access inside which it happened';
comment on column audit_event.operator_id is 'Who of the operator''s people it was';
comment on column audit_event.actor_kind is 'user, operator, worker, cli, nobody';
comment on column audit_event.via is 'cookie, token, view_as, grant, worker, cli, none';
create index audit_event_grant on audit_event (grant_id, at, event_id) where grant_id is not null;

reset role;
