-- SPDX-License-Identifier: ISC
set role praya_owner;

-- The partition of a month, made when it is missing. Hong Kong months.
create or replace function audit_ensure_month(p_at timestamptz) returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	m date := date_trunc('month', p_at at time zone 'Asia/Hong_Kong')::date;
	part text := 'audit_event_' || to_char(m, 'YYYY_MM');
	lo timestamptz := m::timestamp at time zone 'Asia/Hong_Kong';
	hi timestamptz := (m + interval '1 month') at time zone 'Asia/Hong_Kong';
begin
	if to_regclass(part) is not null then
		return;
	end if;
	perform pg_advisory_xact_lock(7208001);
	if to_regclass(part) is not null then
		return;
	end if;
	-- Created apart and attached: inserts into other months go on meanwhile.
	execute format('create table %I (like audit_event including defaults including indexes)', part);
	execute format('alter table %I add constraint in_month check (at >= %L and at < %L)', part, lo, hi);
	execute format('alter table audit_event attach partition %I for values from (%L) to (%L)', part, lo, hi);
	execute format('alter table %I drop constraint in_month', part);
end $$;

-- This month and the three ahead.
create or replace function audit_ensure_ahead() returns void
language plpgsql volatile security definer set search_path = public as $$
begin
	for i in 0 .. 3 loop
		perform audit_ensure_month(now() + make_interval(months => i));
	end loop;
end $$;
select audit_ensure_ahead();

-- The id of a set of field names, made at its first use.
create or replace function field_set_of(p_entity text, p_fields text[]) returns bigint
language plpgsql volatile security definer set search_path = public as $$
declare
	id bigint;
begin
	select field_set_id into id from field_set where entity = p_entity and fields = p_fields;
	if not found then
		insert into field_set (entity, fields) values (p_entity, p_fields)
		on conflict (entity, fields) do update set entity = excluded.entity
		returning field_set_id into id;
	end if;
	return id;
end $$;

-- Events into audit_seen, by person, for every finished transaction. Returns
-- how many entries were added.
create or replace function audit_index() returns bigint
language plpgsql volatile security definer set search_path = public as $$
declare
	m audit_mark;
	safe xid8 := pg_snapshot_xmin(pg_current_snapshot());
	n bigint;
begin
	select * into m from audit_mark for update;
	insert into audit_seen (contact_id, at, event_id)
	select distinct s.id, e.at, e.event_id
	from audit_event e cross join unnest(e.subject_ids) s (id)
	where e.xid >= m.seen_xid and e.xid < safe
	on conflict do nothing;
	get diagnostics n = row_count;
	update audit_mark set seen_xid = safe, seen_at = now();
	return n;
end $$;

-- A person's newest events: what is indexed, and the young tail that is not yet.
-- Planned once a session, because the policy of the log is long; and so that it
-- cannot go wrong: person's entries first and each event by its key, the tail by
-- its transactions, nothing from end to end.
create or replace function contact_events(p_contact bigint, p_limit integer) returns setof audit_event
language plpgsql stable set search_path = public set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
begin
	return query select e.*
		from audit_seen s cross join lateral (
			select t.* from audit_event t where t.at = s.at and t.event_id = s.event_id offset 0) e
		where s.contact_id = p_contact order by s.at desc, s.event_id desc limit p_limit;
	return query select e.*
		from (select t.* from audit_event t where t.xid >= (select seen_xid from audit_mark) offset 0) e
		where p_contact = any (e.subject_ids) order by e.at desc, e.event_id desc limit p_limit;
end $$;

reset role;
