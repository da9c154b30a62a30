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

-- Counts what is new, and says so where it is much.
create or replace function watch_counts(p_new xid8, p_safe xid8) returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	c record;
	n bigint;
	rule text;
begin
	for c in
		insert into watch_count as w (who, hour, seen, revealed, failed)
		select x.who, x.hour, sum(x.seen), sum(x.revealed), sum(x.failed) from (
			select 'u' || e.actor_id as who, date_trunc('hour', e.at) as hour,
				case when e.outcome = 'ok' and e.action in ('view', 'list', 'search', 'reveal')
					then coalesce(cardinality(e.subject_ids), 0) else 0 end as seen,
				(e.outcome = 'ok' and e.action = 'reveal')::int as revealed, (e.outcome = 'denied')::int as failed
			from audit_event e where e.xid >= p_new and e.xid < p_safe and e.at > now() - interval '30 days'
				and e.actor_kind = 'user' and e.actor_id is not null
			union all
			select 'a' || host(e.ip), date_trunc('hour', e.at), 0, 0, 1
			from audit_event e where e.xid >= p_new and e.xid < p_safe and e.at > now() - interval '30 days'
				and e.action = 'sign_in_failed' and e.ip is not null) x
		group by 1, 2 having sum(x.seen) + sum(x.revealed) + sum(x.failed) > 0
		on conflict (who, hour) do update set seen = w.seen + excluded.seen,
			revealed = w.revealed + excluded.revealed, failed = w.failed + excluded.failed
		returning w.*
	loop
		foreach rule in array array['seen', 'reveal', 'failures'] loop
			n := watch_hour(rule, c.who, c.hour);
			continue when n is null;
			perform alert_raise(rule, c.who, case when c.who ~ '^u' then substr(c.who, 2)::bigint end,
				case when c.who ~ '^a' then substr(c.who, 2)::inet end, null, n, c.hour, c.hour + interval '1 hour');
		end loop;
	end loop;
	delete from watch_count where hour < now() - interval '30 days';
end $$;
revoke all on function watch_counts(xid8, xid8) from public;

-- What needs no counting: exports at night, sign-ins from where one has never been.
create or replace function watch_events(p_new xid8, p_safe xid8) returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	e record;
	r watch_rule;
begin
	select * into r from watch_rule where rule = 'night_export';
	for e in select v.actor_id, v.ip, v.at from audit_event v where v.xid >= p_new and v.xid < p_safe and v.at > now() - interval '30 days'
		and v.actor_id is not null and v.outcome = 'ok' and v.action in ('export', 'download')
		and watch_night(v.at, r.from_hour, r.to_hour) order by v.at
	loop
		perform alert_raise('night_export', 'u' || e.actor_id, e.actor_id, null, null, 1, e.at - interval '1 hour',
			e.at + interval '1 hour');
	end loop;
	for e in select v.actor_id, v.ip, v.at, watch_network_of(v.ip) as network from audit_event v
		where v.xid >= p_new and v.xid < p_safe and v.at > now() - interval '30 days' and v.action = 'sign_in' and v.outcome = 'ok'
			and v.actor_kind = 'user' and v.ip is not null order by v.at
	loop
		if exists (select from watch_network where user_id = e.actor_id)
			and not exists (select from watch_network where user_id = e.actor_id and network = e.network) then
			perform alert_raise('network', 'u' || e.actor_id || ' ' || e.network, e.actor_id, e.ip, null, 1,
				e.at - interval '1 minute', e.at + interval '1 hour');
		end if;
		insert into watch_network values (e.actor_id, e.network, e.at, e.at)
		on conflict (user_id, network) do update set last_at = excluded.last_at;
	end loop;
end $$;
revoke all on function watch_events(xid8, xid8) from public;

-- How far one look goes: transactions that are over and were not looked at, until they
-- hold p_most events; one transaction at least, however many it wrote.
create or replace function watch_upto(p_from xid8, p_safe xid8, p_most integer) returns xid8
language sql stable set search_path = public as $$
	select coalesce((select case when e.xid > p_from then e.xid else (e.xid::text::bigint + 1)::text::xid8 end
		from audit_event e where e.xid >= p_from and e.xid < p_safe order by e.xid offset p_most limit 1), p_safe)
$$;

-- One look. true: there is more to be looked at, and the next look goes on from here.
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
	perform watch_counts(m.xid, upto);
	perform watch_events(m.xid, upto);
	update watch_mark set xid = upto, at = now();
	return upto < safe;
end $$;

reset role;
