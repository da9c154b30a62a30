-- SPDX-License-Identifier: ISC
-- Watching over the log. Looks at what is new since the last time and at nothing else,
-- so it costs what was done and not what is stored; never stands in anybody's way. What is
-- older than the counts are kept (a log that was brought along, a watch that was away for
-- long) raises nothing any more.
set role praya_owner;

revoke all on watch_rule, watch_count, watch_network, watch_mark, alert from praya_tenant;
grant select on watch_rule, watch_count, watch_network, watch_mark, alert to praya_tenant;
grant update (enabled, threshold, factor, from_hour, to_hour) on watch_rule to praya_tenant;
grant update (mailed_at, seen_at, seen_by) on alert to praya_tenant;

-- An alert, once for the same thing. false: it is there, or nobody wants it.
create or replace function alert_raise(p_rule text, p_who text, p_user bigint, p_ip inet, p_incident bigint, p_n bigint,
	p_from timestamptz, p_to timestamptz) returns boolean
language plpgsql volatile security definer set search_path = public as $$
begin
	if not exists (select from watch_rule where rule = p_rule and enabled) then
		return false;
	end if;
	insert into alert (rule, who, day, user_id, ip, incident_id, n, from_at, to_at)
	values (p_rule, p_who, (p_from at time zone 'Asia/Hong_Kong')::date, p_user, p_ip, p_incident, p_n, p_from, p_to)
	on conflict (rule, who, day) do nothing;
	return found;
end $$;

-- The network that an address lies in.
create or replace function watch_network_of(p inet) returns inet language sql immutable as $$
	select network(set_masklen(p, case family(p) when 4 then 24 else 48 end))::inet
$$;

-- At night, in Hong Kong?
create or replace function watch_night(p_at timestamptz, p_from integer, p_to integer) returns boolean
language sql stable as $$
	select case when p_from <= p_to then h >= p_from and h < p_to else h >= p_from or h < p_to end
	from (select extract(hour from p_at at time zone 'Asia/Hong_Kong')::integer) x (h)
$$;

-- What one did in an hour against what the same one does in an hour as a rule.
create or replace function watch_hour(p_rule text, p_who text, p_hour timestamptz) returns bigint
language sql stable set search_path = public as $$
	select case when n >= r.threshold and (p_rule <> 'seen' or n >= r.factor * coalesce((select avg(o.seen)
			from watch_count o where o.who = p_who and o.hour < p_hour and o.seen > 0), 0)) then n end
	from (select case p_rule when 'seen' then seen when 'reveal' then revealed else failed end as n
		from watch_count where who = p_who and hour = p_hour) c
		join watch_rule r on r.rule = p_rule;
$$;

-- Somebody's hour was counted anew: is it much?
create or replace function watch_counted(p_who text, p_hour timestamptz) returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	rule text;
	n bigint;
begin
	foreach rule in array array['seen', 'reveal', 'failures'] loop
		n := watch_hour(rule, p_who, p_hour);
		continue when n is null;
		perform alert_raise(rule, p_who, case when p_who ~ '^u' then substr(p_who, 2)::bigint end,
			case when p_who ~ '^a' then substr(p_who, 2)::inet end, null, n, p_hour, p_hour + interval '1 hour');
	end loop;
end $$;
revoke all on function watch_counted(text, timestamptz) from public;

-- A sign-in: from a network where this user was before?
create or replace function watch_sign_in(p_user bigint, p_ip inet, p_at timestamptz) returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	home inet := watch_network_of(p_ip);
begin
	if exists (select from watch_network where user_id = p_user)
		and not exists (select from watch_network where user_id = p_user and network = home) then
		perform alert_raise('network', 'u' || p_user || ' ' || home, p_user, p_ip, null, 1,
			p_at - interval '1 minute', p_at + interval '1 hour');
	end if;
	insert into watch_network values (p_user, home, p_at, p_at)
	on conflict (user_id, network) do update set last_at = excluded.last_at;
end $$;
revoke all on function watch_sign_in(bigint, inet, timestamptz) from public;

-- Counts what is new, and says so where it is much. What needs no counting comes with it
-- (exports at night, sign-ins from where one has never been): the log is read once for all
-- rules, as a workspace in use is looked at every minute.
create or replace function watch_events(p_new xid8, p_safe xid8) returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	night watch_rule;
	e record;
begin
	select * into night from watch_rule where rule = 'night_export';
	for e in
		with v as materialized (select l.at, l.actor_kind, l.actor_id, l.ip, l.action, l.outcome,
				coalesce(cardinality(l.subject_ids), 0) as people
			from audit_event l where l.xid >= p_new and l.xid < p_safe and l.at > now() - interval '30 days'
				and (l.actor_id is not null or l.action = 'sign_in_failed')),
		c as (insert into watch_count as w (who, hour, seen, revealed, failed)
			select x.who, x.hour, sum(x.seen), sum(x.revealed), sum(x.failed) from (
				select 'u' || v.actor_id as who, date_trunc('hour', v.at) as hour,
					case when v.outcome = 'ok' and v.action in ('view', 'list', 'search', 'reveal')
						then v.people else 0 end as seen,
					(v.outcome = 'ok' and v.action = 'reveal')::int as revealed,
					(v.outcome = 'denied')::int as failed
				from v where v.actor_kind = 'user' and v.actor_id is not null
				union all
				select 'a' || host(v.ip), date_trunc('hour', v.at), 0, 0, 1
				from v where v.action = 'sign_in_failed' and v.ip is not null) x
			group by 1, 2 having sum(x.seen) + sum(x.revealed) + sum(x.failed) > 0
			on conflict (who, hour) do update set seen = w.seen + excluded.seen,
				revealed = w.revealed + excluded.revealed, failed = w.failed + excluded.failed
			returning w.who, w.hour)
		select 'count' as kind, c.who, c.hour as at, null::bigint as actor_id, null::inet as ip from c
		union all
		select 'export', null, v.at, v.actor_id, null from v where v.actor_id is not null and v.outcome = 'ok'
			and v.action in ('export', 'download') and watch_night(v.at, night.from_hour, night.to_hour)
		union all
		select 'sign_in', null, v.at, v.actor_id, v.ip from v where v.action = 'sign_in' and v.outcome = 'ok'
			and v.actor_kind = 'user' and v.ip is not null
		order by kind, at
	loop
		if e.kind = 'count' then
			perform watch_counted(e.who, e.at);
		elsif e.kind = 'export' then
			perform alert_raise('night_export', 'u' || e.actor_id, e.actor_id, null, null, 1, e.at - interval '1 hour',
				e.at + interval '1 hour');
		else
			perform watch_sign_in(e.actor_id, e.ip, e.at);
		end if;
	end loop;
	delete from watch_count where hour < now() - interval '30 days';
end $$;
revoke all on function watch_events(xid8, xid8) from public;
drop function if exists watch_counts(xid8, xid8);

-- How far one look goes: transactions that are over and were not looked at, until they
-- hold p_most events; one transaction at least, however many it wrote.
create or replace function watch_upto(p_from xid8, p_safe xid8, p_most integer) returns xid8
language sql stable set search_path = public as $$
	select coalesce((select case when e.xid > p_from then e.xid else (e.xid::text::bigint + 1)::text::xid8 end
		from audit_event e where e.xid >= p_from and e.xid < p_safe order by e.xid offset p_most limit 1), p_safe)
$$;

-- One look. true: there is more to be looked at, and the next look goes on from here. (The owner
-- calls it; the release before, the workspace's own role.)
drop function if exists watch_look();
create or replace function watch_look(p_most integer default 20000) returns boolean
language plpgsql volatile security definer set search_path = public as $$
declare
	m watch_mark;
	safe xid8 := pg_snapshot_xmin(pg_current_snapshot());
	upto xid8;
begin
	select * into m from watch_mark for update;
	upto := watch_upto(m.xid, safe, p_most);
	perform watch_events(m.xid, upto);
	update watch_mark set xid = upto, at = now();
	return upto < safe;
end $$;

reset role;
