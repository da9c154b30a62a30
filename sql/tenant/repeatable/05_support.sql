-- SPDX-License-Identifier: ISC
-- What a grant of support access is worth at this moment, and what it lets see.
set role praya_owner;

-- waiting, lapsed, refused, active, over, revoked.
create or replace function support_state(g support_grant) returns text language sql stable as $$
	select case when g.revoked_at is not null then 'revoked'
		when g.given_at is not null and g.ends_at > now() then 'active'
		when g.given_at is not null then 'over'
		when g.refused_at is not null then 'refused'
		when g.asked_at > now() - interval '12 hours' then 'waiting'
		else 'lapsed' end;
$$;

create or replace function support_holds(p_grant bigint) returns boolean
language sql stable set search_path = public as $$
	select exists (select from support_grant g where g.grant_id = p_grant and support_state(g) = 'active');
$$;

-- Every kind of record the catalogue knows; never more than to add and to change.
create or replace function support_rights(p_scope text) returns text[]
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return array(select e.entity || '.' || r.r || '=all' from (select distinct entity from field) e
		cross join unnest(case p_scope when 'read_write' then array['view', 'create', 'edit'] else array['view'] end) r (r)
		order by 1);
end $$;

-- The level of every field, in the catalogue's order, as profile_levels() has it. Masked is
-- whatever is personal, encrypted, a way to reach somebody, or free text, which can name anybody.
create or replace function support_levels(p_scope text) returns text
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return (select string_agg(case when p_scope = 'read_masked' and (f.sealed or f.category <> 'none'
			or f.type in ('long_text', 'email', 'phone', 'url', 'hkid', 'tags')) then 'm'
		when p_scope = 'read_write' then 'e' else 'r' end, '' order by f.entity, f.position, f.field_id)
	from field f);
end $$;

-- The operator's people at the door, before there is a session: they see nothing.
create or replace function gate_operator(p_operator bigint, p_grant bigint, p_ip text, p_agent text,
	p_request text, p_route text)
returns void language plpgsql volatile set search_path = public as $$
begin
	perform gate_settings('operator', null, null, 'grant', null, p_ip, p_agent, p_request, p_route, '{}', false, false),
		set_config('praya.operator_id', p_operator::text, true),
		set_config('praya.grant_id', coalesce(p_grant::text, ''), true);
end $$;

-- A ticket for a session, once; no row: it is no good.
create or replace function support_enter(p_ticket bytea, p_hash bytea, p_idle bigint, p_ip text, p_agent text,
	p_request text, p_route text)
returns table (session_id bigint, grant_id bigint, seconds bigint)
language plpgsql volatile set search_path = public as $$
#variable_conflict use_column
declare
	g support_grant;
	s bigint;
begin
	delete from support_entry e where e.hash = p_ticket and e.expires_at > now() returning e.grant_id into s;
	if s is null then
		return;
	end if;
	select * into g from support_grant x where x.grant_id = s;
	if support_state(g) <> 'active' then
		return;
	end if;
	perform gate_operator(g.operator_id, g.grant_id, p_ip, p_agent, p_request, p_route);
	insert into session (hash, kind, grant_id, expires_at, idle, ip, agent)
	values (p_hash, 'grant', g.grant_id, g.ends_at, make_interval(secs => p_idle), p_ip::inet, p_agent)
	returning session.session_id into s;
	perform set_config('praya.session_id', s::text, true);
	return query select s, g.grant_id, greatest(1, extract(epoch from g.ends_at - now()))::bigint;
end $$;

reset role;
