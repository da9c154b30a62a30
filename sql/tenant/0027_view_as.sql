-- SPDX-License-Identifier: ISC
-- Looking at the workspace as another user sees it: a session of that user's rights,
-- tied to the session of whoever looks.
set role praya_owner;

alter table session add column viewer_id bigint references app_user on delete cascade;
alter table session add column back_id bigint references session on delete cascade;
comment on column session.kind is 'cookie, token, view_as: somebody who manages users looks at what user_id sees';
comment on column session.viewer_id is 'Of view_as: who looks';
comment on column session.back_id is 'Of view_as: the session of whoever looks, which nobody can use meanwhile; with it this one ends';
alter table session drop constraint session_kind_check;
alter table session add constraint session_kind_check check (kind in ('cookie', 'token', 'view_as'));
alter table session add constraint session_view_as check
	((kind = 'view_as') = (viewer_id is not null) and (kind = 'view_as') = (back_id is not null));
create index session_viewer on session (viewer_id) where viewer_id is not null;
create index session_back on session (back_id) where back_id is not null;

alter table audit_event add column as_user_id bigint;
alter table audit_event alter column as_user_id
	set default nullif(current_setting('praya.as_user', true), '')::bigint;
alter table audit_event alter column actor_id set default coalesce(
	nullif(current_setting('praya.viewer', true), ''), nullif(current_setting('praya.user_id'), ''))::bigint;
comment on column audit_event.as_user_id is 'Whose view of the workspace it was, when another looked; actor_id is who looked';
comment on column audit_event.via is 'cookie, token, view_as, worker, cli, none';
create index audit_event_as_user on audit_event (as_user_id, at, event_id) where as_user_id is not null;

reset role;
