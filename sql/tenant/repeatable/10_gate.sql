-- SPDX-License-Identifier: ISC
-- How a transaction learns who is asking. Everything here is set for the
-- transaction only; without it policies show nothing and no event can be written.
set role praya_owner;

-- scopes: view scope of contact, company, activity, message, attachment,
-- invoice, in that order: 'own', 'team', 'all' or '' (none). vip: sees VIP
-- records like any other. wide: sees everything, private notes, too.
drop function if exists gate_settings(text, bigint, bigint, text, bigint, text, text, text, text, text[]);
create or replace function gate_settings(p_actor_kind text, p_user bigint, p_team bigint, p_via text,
	p_session bigint, p_ip text, p_agent text, p_request text, p_route text, p_scopes text[],
	p_vip boolean, p_wide boolean)
returns void language plpgsql volatile set search_path = public as $$
begin
	perform set_config('praya.actor_kind', p_actor_kind, true),
		set_config('praya.user_id', coalesce(p_user::text, ''), true),
		set_config('praya.team_id', coalesce(p_team::text, ''), true),
		set_config('praya.via', p_via, true),
		set_config('praya.session_id', coalesce(p_session::text, ''), true),
		set_config('praya.ip', coalesce(p_ip, ''), true),
		set_config('praya.agent', coalesce(p_agent, ''), true),
		set_config('praya.request_id', coalesce(p_request, ''), true),
		set_config('praya.route', p_route, true),
		set_config('praya.contact', coalesce(p_scopes[1], ''), true),
		set_config('praya.company', coalesce(p_scopes[2], ''), true),
		set_config('praya.activity', coalesce(p_scopes[3], ''), true),
		set_config('praya.message', coalesce(p_scopes[4], ''), true),
		set_config('praya.attachment', coalesce(p_scopes[5], ''), true),
		set_config('praya.invoice', coalesce(p_scopes[6], ''), true),
		set_config('praya.vip', case when p_vip then '1' else '' end, true),
		set_config('praya.wide', case when p_wide then '1' else '' end, true),
		set_config('praya.shares', '', true);
end $$;

-- For the rest of a transaction that has found its person visible and its right
-- sufficient: an erasure leaves nothing behind because somebody may not see it.
create or replace function gate_widen() returns void language plpgsql volatile set search_path = public as $$
begin
	perform set_config(n, v, true) from (values ('praya.contact', 'all'), ('praya.company', 'all'),
		('praya.activity', 'all'), ('praya.message', 'all'), ('praya.attachment', 'all'),
		('praya.invoice', 'all'), ('praya.vip', '1'), ('praya.wide', '1')) s (n, v);
end $$;

-- Would somebody who looks as another see records that they do not see themselves? Of each kind that
-- the other sees they see all, or the team's, and the team is the same one.
create or replace function view_as_beyond(p_viewer bigint, p_user bigint) returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return exists (select from app_user u join profile_right t using (profile_id)
		where u.user_id = p_user and t."right" = 'view' and t.entity <> '' and not exists (select from app_user v
			join profile_right m using (profile_id) where v.user_id = p_viewer and m.entity = t.entity
				and m."right" = 'view' and (m.scope = 'all' or m.scope = 'team' and v.team_id = u.team_id)));
end $$;

-- Does looking at the workspace as another still hold? With the session it began from, with
-- the right to manage users, and for as long as the one looked at has no more rights.
create or replace function view_as_holds(p_viewer bigint, p_back bigint, p_user bigint) returns boolean
language plpgsql stable set search_path = public as $$
begin
	return exists (select from session b where b.session_id = p_back and b.user_id = p_viewer
			and b.kind = 'cookie' and b.ended_at is null and b.expires_at > now())
		and exists (select from app_user v join profile_right r using (profile_id)
			where v.user_id = p_viewer and v.active and r.entity = '' and r."right" = 'manage_users')
		and not profile_exceeds((select profile_id from app_user where user_id = p_user), p_viewer)
		and not view_as_beyond(p_viewer, p_user);
end $$;

-- A signed-in request. PR001: an epoch moved, load the principal again; PR002:
-- the session is over. seen_at is written at most once a minute.
drop function if exists gate_enter(bytea, bigint, bigint, text[], text, text, text, text);
create or replace function gate_enter(p_hash bytea, p_access bigint, p_catalogue bigint, p_scopes text[],
	p_vip boolean, p_ip text, p_agent text, p_request text, p_route text)
returns void language plpgsql volatile set search_path = public as $$
declare
	s record;
begin
	select x.session_id, x.user_id, x.kind, x.seen_at, x.viewer_id, x.grant_id, u.team_id, e.access, e.catalogue,
		x.ended_at is null and x.expires_at > now() and (u.active or x.grant_id is not null)
			and (x.idle is null or x.seen_at > now() - x.idle)
			and case when x.viewer_id is null then true
				else view_as_holds(x.viewer_id, x.back_id, x.user_id) end
			and case when x.grant_id is null then true else support_holds(x.grant_id) end as alive
	into s
	from session x left join app_user u using (user_id) cross join epoch e
	where x.hash = p_hash;
	if not found or not s.alive then
		raise exception 'session is over' using errcode = 'PR002';
	end if;
	if s.access <> p_access or s.catalogue <> p_catalogue then
		raise exception 'epoch moved' using errcode = 'PR001';
	end if;
	if s.seen_at < now() - interval '1 minute' then
		update session set seen_at = now() where session_id = s.session_id;
	end if;
	perform gate_settings(case when s.grant_id is null then 'user' else 'operator' end, s.user_id, s.team_id,
		s.kind, s.session_id, p_ip, p_agent,
		p_request, p_route, p_scopes, p_vip, false);
	if s.viewer_id is not null then
		perform set_config('praya.viewer', s.viewer_id::text, true),
			set_config('praya.as_user', s.user_id::text, true);
	end if;
	if s.grant_id is not null then
		perform set_config('praya.grant_id', s.grant_id::text, true),
			set_config('praya.operator_id', (select operator_id::text from support_grant g
				where g.grant_id = s.grant_id), true);
	end if;
end $$;

-- Nobody is signed in: nothing is visible, events say so.
create or replace function gate_nobody(p_ip text, p_agent text, p_request text, p_route text)
returns void language sql volatile set search_path = public as $$
	select gate_settings('nobody', null, null, 'none', null, p_ip, p_agent, p_request, p_route, '{}', false, false);
$$;

-- Somebody has just signed in: what follows is theirs, and still sees nothing.
create or replace function gate_signed_in(p_user bigint, p_session bigint)
returns void language sql volatile set search_path = public as $$
	select gate_settings('user', p_user, null, 'cookie', p_session, current_setting('praya.ip'),
		current_setting('praya.agent'), current_setting('praya.request_id'), current_setting('praya.route'),
		'{}', false, false);
$$;

-- The worker and the operator's commands: all records of the workspace.
-- p_user: on whose behalf, or null.
create or replace function gate_system(p_kind text, p_user bigint, p_route text)
returns void language plpgsql volatile set search_path = public as $$
begin
	perform gate_settings(p_kind, p_user, null, p_kind, null, null, null, null, p_route,
		array['all', 'all', 'all', 'all', 'all', 'all'], true, true);
	-- A request makes a missing month of the log when its event finds none.
	if not exists (select from pg_inherits where inhparent = 'audit_event'::regclass and inhrelid
			= to_regclass('audit_event_' || to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY_MM'))) then
		perform audit_ensure_month(now());
	end if;
end $$;

-- The level of every field, one letter each (h m r e), in the catalogue's order.
create or replace function profile_levels(p_profile bigint) returns text
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return (select string_agg(left(coalesce(l.level, case when f.sealed then p.new_sealed else p.new_fields end), 1), ''
		order by f.entity, f.position, f.field_id)
	from profile p cross join field f
		left join profile_field l on l.profile_id = p.profile_id and l.entity = f.entity and l.field = f.name
	where p.profile_id = p_profile);
end $$;

-- As they hold: what is disputed of an opinion is shown with it (Cap. 486 s.25(2)), whatever the profile
-- says of it, to everybody who sees records of the kind.
create or replace function profile_holds(p_profile bigint) returns text
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return (select string_agg(case when f.name = 'opinion_note' and exists (select from profile_right r where r.profile_id = p_profile
			and r.entity = f.entity and r."right" = 'view' and r.scope <> 'none') then 'r'
		else left(coalesce(l.level, case when f.sealed then p.new_sealed else p.new_fields end), 1) end, ''
		order by f.entity, f.position, f.field_id)
	from profile p cross join field f
		left join profile_field l on l.profile_id = p.profile_id and l.entity = f.entity and l.field = f.name
	where p.profile_id = p_profile);
end $$;

-- For part of a job's transaction: sees what the one who asked for it has this right
-- on, and never more than that user sees; gate_widen() ends it.
drop function if exists gate_narrow(bigint);
create or replace function gate_narrow(p_user bigint, p_right text) returns void
language plpgsql volatile set search_path = public as $$
begin
	perform set_config('praya.' || e.e, coalesce((select case
				when 'own' in (v.scope, r.scope) then 'own'
				when 'team' in (v.scope, r.scope) then 'team' else 'all' end
			from app_user u
			join profile_right v on v.profile_id = u.profile_id and v.entity = e.e and v."right" = 'view'
			join profile_right r on r.profile_id = u.profile_id and r.entity = e.e and r."right" = p_right
			where u.user_id = p_user and u.active), ''), true)
		from unnest(array['contact', 'company', 'activity', 'message', 'attachment', 'invoice']) e (e);
	perform set_config('praya.vip', case when exists (select from profile_right r join app_user u using (profile_id)
			where u.user_id = p_user and u.active and r.entity = '' and r."right" = 'see_vip') then '1' else '' end, true),
		set_config('praya.team_id', coalesce((select team_id::text from app_user where user_id = p_user), ''), true),
		set_config('praya.wide', '', true);
end $$;

-- What a process needs to know about a session: read once, cached by epochs. In steps, because most
-- sessions need few of them, and PostgreSQL plans in a new connection only what it comes to.
drop function if exists session_principal(bytea);
create function session_principal(p_hash bytea)
returns table (session_id bigint, user_id bigint, kind text, email text, name text, language text,
	team_id bigint, profile_id bigint, profile text, builtin boolean, access bigint, catalogue bigint,
	rights text[], levels text, second_step boolean, needs_second_step boolean, self_write boolean,
	viewer_id bigint, viewer text, until bigint, passkey boolean, grant_id bigint, operator_id bigint,
	grant_scope text, support text, support_until bigint, support_left bigint, closes bigint)
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_scope text[];
	v_back bigint;
begin
	select s.session_id, u.user_id, s.kind, coalesce(u.email, ''), coalesce(u.name, ''), coalesce(u.language, ''),
		u.team_id, p.profile_id, coalesce(p.name, ''), coalesce(p.builtin, false), e.access, e.catalogue,
		coalesce(p.require_totp, false) and s.kind = 'cookie', s.scope is null or '.self' = any (s.scope),
		s.viewer_id, (extract(epoch from s.expires_at) * 1000000)::bigint, s.grant_id, s.scope, s.back_id
	into session_id, user_id, kind, email, name, language, team_id, profile_id, profile, builtin, access, catalogue,
		needs_second_step, self_write, viewer_id, until, grant_id, v_scope, v_back
	from session s left join app_user u using (user_id) left join profile p using (profile_id) cross join epoch e
	where s.hash = p_hash and s.ended_at is null and s.expires_at > now() and (u.active or s.grant_id is not null)
		and (s.idle is null or s.seen_at > now() - s.idle);
	if not found then
		return;
	end if;
	if viewer_id is not null then
		if not view_as_holds(viewer_id, v_back, user_id) then
			return;
		end if;
		viewer := (select v.name from app_user v where v.user_id = session_principal.viewer_id);
	end if;
	closes := (select (extract(epoch from x.closes_at) * 1000000)::bigint from closing x where x.ended_at is null);
	grant_scope := '';
	if grant_id is not null then
		select g.operator_id, g.scope into operator_id, grant_scope from support_grant g
			where g.grant_id = session_principal.grant_id and support_state(g) = 'active';
		if not found then
			return;
		end if;
		rights := support_rights(grant_scope);
		levels := support_levels(grant_scope);
	else
		if closes is not null and closing_keeps_out(coalesce(viewer_id, user_id)) then
			return;
		end if;
		rights := array(select r.entity || '.' || r."right" || '=' || r.scope from profile_right r
			where r.profile_id = session_principal.profile_id
				and (v_scope is null or r.entity || '.' || r."right" = any (v_scope)));
		levels := profile_holds(profile_id);
	end if;
	select count(*) > 0, count(*) filter (where f.kind = 'passkey') > 0 into second_step, passkey
		from factor f where f.user_id = session_principal.user_id and f.confirmed_at is not null;
	select g.reason, (extract(epoch from g.ends_at) * 1000000)::bigint, (extract(epoch from g.ends_at - now()) * 1000)::bigint
		into support, support_until, support_left from support_grant g
		where g.closed_at is null and g.until_at > now() and support_state(g) = 'active'
		order by g.ends_at desc limit 1;
	return next;
end $$;

-- The first of these columns, of somebody whose work a job does, as the rights are now: no row when they may not sign in.
drop function if exists user_principal(bigint);
create function user_principal(p_user bigint)
returns table (session_id bigint, user_id bigint, kind text, email text, name text, language text,
	team_id bigint, profile_id bigint, profile text, builtin boolean, access bigint, catalogue bigint,
	rights text[], levels text)
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
	return query select null::bigint, u.user_id, 'worker', u.email, u.name, u.language, u.team_id, p.profile_id, p.name,
		p.builtin, e.access, e.catalogue,
		array(select r.entity || '.' || r."right" || '=' || r.scope from profile_right r
			where r.profile_id = p.profile_id),
		profile_holds(p.profile_id)
	from app_user u join profile p using (profile_id) cross join epoch e
	where u.user_id = p_user and u.active;
end $$;

-- For each row where single rows change and chores look in vain (a statement that changes none
-- must leave what the processes know alone), for each statement where a profile is saved whole.
create or replace function epoch_move() returns trigger language plpgsql security definer
set search_path = public as $$
begin
	if tg_argv[0] = 'access' then
		update epoch set access = access + 1;
	else
		update epoch set catalogue = catalogue + 1;
	end if;
	return null;
end $$;

drop trigger if exists epoch_access on app_user;
create trigger epoch_access after update of email, name, language, profile_id, team_id, active on app_user
	for each row execute function epoch_move('access');
drop trigger if exists epoch_access on factor;
create trigger epoch_access after insert or delete or update of confirmed_at on factor
	for each row execute function epoch_move('access');
drop trigger if exists epoch_access on profile;
create trigger epoch_access after insert or update or delete on profile
	for each statement execute function epoch_move('access');
drop trigger if exists epoch_access on profile_right;
create trigger epoch_access after insert or update or delete on profile_right
	for each statement execute function epoch_move('access');
drop trigger if exists epoch_access on support_grant;
create trigger epoch_access after insert or update on support_grant
	for each row execute function epoch_move('access');
drop trigger if exists epoch_access on profile_field;
create trigger epoch_access after insert or update or delete on profile_field
	for each statement execute function epoch_move('access');
drop trigger if exists epoch_catalogue on field;
create trigger epoch_catalogue after insert or update or delete on field
	for each statement execute function epoch_move('catalogue');

reset role;
