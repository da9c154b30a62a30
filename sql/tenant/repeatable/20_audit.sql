-- SPDX-License-Identifier: ISC
set role praya_owner;

-- The months of the log that are there.
create or replace view audit_partition as
	select to_date(substr(c.relname, 13), 'YYYY_MM') as month, c.oid as part,
		to_date(substr(c.relname, 13), 'YYYY_MM')::timestamp at time zone 'Asia/Hong_Kong' as lo,
		(to_date(substr(c.relname, 13), 'YYYY_MM') + interval '1 month') at time zone 'Asia/Hong_Kong' as hi
	from pg_inherits i join pg_class c on c.oid = i.inhrelid
	where i.inhparent = 'audit_event'::regclass and c.relname ~ '^audit_event_[0-9]{4}_[0-9]{2}$';
comment on view audit_partition is 'Months of the log that are there';

-- The partition of a month, made when it is missing. Hong Kong months. One that
-- was taken out of the log by hand comes back with what it holds; one that went
-- because its time was over does not.
create or replace function audit_ensure_month(p_at timestamptz) returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	m date := date_trunc('month', p_at at time zone 'Asia/Hong_Kong')::date;
	part text := 'audit_event_' || to_char(m, 'YYYY_MM');
	lo timestamptz := m::timestamp at time zone 'Asia/Hong_Kong';
	hi timestamptz := (m + interval '1 month') at time zone 'Asia/Hong_Kong';
begin
	if exists (select from audit_partition where month = m) then
		return;
	end if;
	perform pg_advisory_xact_lock(7208001);
	if exists (select from audit_partition where month = m) then
		return;
	end if;
	if exists (select from audit_month where month = m and dropped_at is not null) then
		execute format('drop table if exists %I', part);
	end if;
	if to_regclass(part) is null then
		-- Created apart and attached: inserts into other months go on meanwhile.
		execute format('create table %I (like audit_event including defaults including indexes)', part);
		execute format('alter table %I add constraint in_month check (at >= %L and at < %L)', part, lo, hi);
		execute format('alter table audit_event attach partition %I for values from (%L) to (%L)', part, lo, hi);
		execute format('alter table %I drop constraint in_month', part);
	else
		execute format('alter table audit_event attach partition %I for values from (%L) to (%L)', part, lo, hi);
	end if;
	insert into audit_month (month) values (m) on conflict (month) do update
		set notice_at = null, notice_runs = 0, notice_last = null, dropped_at = null, events = null;
end $$;

-- This month and the three ahead.
create or replace function audit_ensure_ahead() returns void
language plpgsql volatile security definer set search_path = public as $$
begin
	for i in 0 .. 3 loop
		perform audit_ensure_month(date_trunc('month', now() at time zone 'Asia/Hong_Kong')
			at time zone 'Asia/Hong_Kong' + make_interval(months => i, days => 1));
	end loop;
	insert into audit_month (month) select month from audit_partition on conflict do nothing;
end $$;
select audit_ensure_ahead();

-- Months whose time is over and that nothing holds.
create or replace view audit_expired as
	select p.month, p.part, p.lo, p.hi from audit_partition p
	where p.month < date_trunc('month', now() at time zone 'Asia/Hong_Kong')
			- make_interval(months => (select greatest(audit_months, 12) from workspace))
		and not exists (select from audit_hold h where h.ended_at is null
			and h.first_day < p.month + interval '1 month' and h.last_day >= p.month);
comment on view audit_expired is 'Months of the log whose time is over and that nothing holds';

-- Notes which months are past their time. One goes when that has been so for a week,
-- found on three days at least: a clock that jumped ahead is set right by then, a
-- restored database looked at, and a hold set. A clock that jumps begins it anew.
create or replace function audit_notice() returns void
language plpgsql volatile security definer set search_path = public as $$
declare
	seen timestamptz;
begin
	select clock_at into seen from audit_mark for update;
	if now() < seen - interval '1 hour' or now() > seen + interval '45 days' then
		update audit_month set notice_at = null, notice_runs = 0, notice_last = null
		where notice_at is not null and dropped_at is null;
	end if;
	update audit_mark set clock_at = now();
	update audit_month m set notice_at = null, notice_runs = 0, notice_last = null
	where notice_at is not null and dropped_at is null
		and not exists (select from audit_expired e where e.month = m.month);
	insert into audit_month (month, notice_at, notice_runs, notice_last)
	select month, now(), 1, now() from audit_expired
	on conflict (month) do update set notice_at = coalesce(audit_month.notice_at, now()),
		notice_runs = audit_month.notice_runs + 1, notice_last = now()
	where audit_month.dropped_at is null
		and coalesce(audit_month.notice_last, '-infinity') < now() - interval '20 hours';
end $$;

-- The oldest month that may go now; null: none.
create or replace function audit_due() returns date
language sql stable security definer set search_path = public as $$
	select min(m.month) from audit_month m join audit_expired e using (month)
	where m.dropped_at is null and m.notice_at <= now() - interval '7 days' and m.notice_runs >= 3;
$$;

-- Takes a month that is due out of the log, and says how many events it had; null:
-- it is not due. Whoever writes events waits for a fifth of a second at most: after
-- that it is refused (55P03) and tried again.
create or replace function audit_retire(p_month date) returns bigint
language plpgsql volatile security definer set search_path = public set lock_timeout = '200ms' as $$
declare
	part text := 'audit_event_' || to_char(p_month, 'YYYY_MM');
	n bigint;
begin
	perform pg_advisory_xact_lock(7208001);
	if not exists (select from audit_month m join audit_expired e using (month)
			where m.month = p_month and m.dropped_at is null
				and m.notice_at <= now() - interval '7 days' and m.notice_runs >= 3) then
		return null;
	end if;
	execute format('select count(*) from %I', part) into n;
	-- What is not as it was sealed stays to be looked at.
	if n <> (select coalesce(sum(events), 0) from audit_seal where kind = 'events' and month = p_month
			and seal_id > coalesce((select max(seal_id) from audit_seal where kind = 'month' and month = p_month), 0)) then
		return null;
	end if;
	execute format('alter table audit_event detach partition %I', part);
	update audit_month set dropped_at = now(), events = n where month = p_month;
	delete from audit_day where day >= p_month and day < p_month + interval '1 month';
	return n;
end $$;

-- What is out of the log leaves the disk: nobody is in the way of that. How many tables.
create or replace function audit_sweep() returns integer
language plpgsql volatile security definer set search_path = public as $$
declare
	part text;
	n integer := 0;
begin
	perform pg_advisory_xact_lock(7208001);
	for part in select 'audit_event_' || to_char(m.month, 'YYYY_MM') from audit_month m
		where m.dropped_at is not null and not exists (select from audit_partition p where p.month = m.month)
	loop
		continue when to_regclass(part) is null;
		execute format('drop table %I', part);
		n := n + 1;
	end loop;
	return n;
end $$;

-- Seconds until months are to be looked at again, whether anybody comes or not.
create or replace function audit_next() returns bigint
language sql stable security definer set search_path = public as $$
	select case when exists (select from audit_expired) then 86400
		else ceil(extract(epoch from (date_trunc('month', now() at time zone 'Asia/Hong_Kong')
			+ interval '1 month 1 hour') at time zone 'Asia/Hong_Kong' - now()))::bigint end;
$$;

-- A link at the end of the chain. Whoever made one up has no signature for it. Sealing has the
-- owner's rights; the workspace's own role adds one link only, that a month is gone, in the
-- transaction in which it went.
create or replace function audit_seal_add(p_seal bigint, p_kind text, p_generation bigint, p_from xid8, p_to xid8,
	p_month date, p_events bigint, p_total bigint, p_digest bytea, p_head bytea, p_signature bytea, p_at timestamptz)
returns void language plpgsql volatile security definer set search_path = public as $$
begin
	if not pg_has_role(session_user, 'praya_owner', 'member') and not (p_kind = 'month' and exists (
			select from audit_month m where m.month = p_month and m.dropped_at = now())) then
		raise exception 'no link of theirs' using errcode = '42501';
	end if;
	insert into audit_seal values (p_seal, p_kind, p_generation, p_from, p_to, p_month, p_events, p_total,
		p_digest, p_head, p_signature, p_at);
end $$;

-- What a look at the whole log found.
create or replace function audit_check_add(p_job bigint, p_good boolean, p_result jsonb) returns bigint
language sql volatile security definer set search_path = public as $$
	insert into audit_check (made_by, job_id, good, result)
	values (nullif(current_setting('praya.user_id', true), '')::bigint, p_job, p_good, p_result)
	returning check_id;
$$;

-- Events from now on are of this generation: for whoever has the owner's rights, after
-- a restore.
create or replace function audit_generation(p_generation bigint) returns void
language plpgsql volatile set search_path = public as $$
begin
	execute format('alter table audit_event alter generation set default %s', p_generation);
end $$;
revoke all on function audit_generation(bigint) from public;

-- Holds are for whoever is in charge of the workspace, and the operator's commands.
create or replace function audit_hold_by() returns bigint
language plpgsql stable set search_path = public as $$
declare
	me bigint := nullif(current_setting('praya.user_id', true), '')::bigint;
begin
	if coalesce(current_setting('praya.actor_kind', true), '') = 'cli' or exists (select from session s
			join app_user u using (user_id) join profile_right r using (profile_id)
			where s.session_id = nullif(current_setting('praya.session_id', true), '')::bigint
				and s.user_id = me and s.ended_at is null and u.active and r.entity = '' and r."right" = 'manage_workspace'
				and (s.scope is null or '.manage_workspace' = any (s.scope))) then
		return me;
	end if;
	raise exception 'no hold of theirs' using errcode = '42501';
end $$;

-- Each has its event, whatever calls them.
create or replace function audit_hold_event(p_hold bigint, p_reason text) returns void
language sql volatile set search_path = public as $$
	insert into audit_event (action, entity, record_ids, reason) values ('setting', 'audit', array[p_hold], p_reason);
$$;

-- Holds: set and ended, never changed. The number of the new one.
create or replace function audit_hold_add(p_first date, p_last date, p_reason text, p_source bigint)
returns bigint language plpgsql volatile security definer set search_path = public as $$
declare
	me bigint := audit_hold_by();
	id bigint;
begin
	-- An incident sets its own.
	if p_reason = 'incident' or p_source is not null then
		raise exception 'no hold of theirs' using errcode = '42501';
	end if;
	insert into audit_hold (first_day, last_day, reason, source_id, created_by)
	values (p_first, p_last, p_reason, p_source, me) returning hold_id into id;
	perform audit_hold_event(id, 'hold_set');
	return id;
end $$;

-- false: there is none of this number in force that may be ended: an open incident's stays.
create or replace function audit_hold_end(p_hold bigint) returns boolean
language plpgsql volatile security definer set search_path = public as $$
declare
	me bigint := audit_hold_by();
begin
	update audit_hold set ended_at = now(), ended_by = me
	where hold_id = p_hold and ended_at is null and not (reason = 'incident'
		and exists (select from incident i where i.incident_id = source_id and i.closed_at is null));
	if not found then
		return false;
	end if;
	perform audit_hold_event(p_hold, 'hold_ended');
	return true;
end $$;

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

-- Events into the days' counts, for every finished transaction, and the index by person
-- in order: new entries lie apart, so that whoever writes events does not wait for it.
-- Returns how many events there were. (The owner calls it; the release before, the workspace's own role.)
create or replace function audit_index() returns bigint
language plpgsql volatile security definer set search_path = public as $$
declare
	m audit_mark;
	safe xid8 := pg_snapshot_xmin(pg_current_snapshot());
	n bigint;
begin
	select * into m from audit_mark for update;
	with g as (select (e.at at time zone 'Asia/Hong_Kong')::date as day, e.action,
			coalesce(e.actor_id, 0) as actor_id, count(*) as events
		from audit_event e where e.xid >= m.seen_xid and e.xid < safe group by 1, 2, 3),
	d as (insert into audit_day as d (day, action, actor_id, events) select * from g
		on conflict (day, action, actor_id) do update set events = d.events + excluded.events)
	select coalesce(sum(g.events), 0) into n from g;
	perform gin_clean_pending_list(i.indexrelid::regclass)
	from audit_partition p join pg_index i on i.indrelid = p.part join pg_class c on c.oid = i.indexrelid
		join pg_am a on a.oid = c.relam and a.amname = 'gin'
	where p.hi > m.seen_at and p.lo <= now();
	update audit_mark set seen_xid = safe, seen_at = now();
	return n;
end $$;

-- The records of an event: of contacts that were looked at the numbers stand once only.
create or replace function audit_records(p_entity text, p_records bigint[], p_subjects integer[]) returns bigint[]
language sql immutable parallel safe as $$
	select coalesce(p_records, case when p_entity = 'contact' then p_subjects::bigint[] end);
$$;

-- Where a person's events stand: the newest, or the oldest, so many behind that event and
-- before that time. The index knows whose they are, not when they were: so all of them
-- where they are few, else month by month; and where a month has thousands of them they
-- lie close together, and are met by time. It reads past the policies: keys only.
create or replace function audit_of(p_contact bigint, p_at timestamptz, p_id bigint, p_before timestamptz,
	p_want integer, p_newest boolean)
returns table (at timestamptz, event_id bigint)
language plpgsql stable security definer set search_path = public set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	few constant integer := 1000;
	many constant integer := 3000;
	near constant integer := 20000;
	way constant text := case when p_newest then 'desc' else 'asc' end;
	who integer[];
	span text := '';
	inside text;
	m record;
	ats timestamptz[];
	ids bigint[];
	n integer := 0;
begin
	if p_contact not between 1 and 2147483647 then
		return;
	end if;
	who := array[p_contact::integer];
	select array_agg(k.at), array_agg(k.event_id) into ats, ids
	from (select e.at, e.event_id from audit_event e where e.subject_ids @> who limit few + 1) k;
	if coalesce(cardinality(ats), 0) <= few then
		if p_newest then
			return query select k.at, k.event_id from unnest(ats, ids) k (at, event_id)
				where (p_at is null or (k.at, k.event_id) < (p_at, p_id)) and (p_before is null or k.at < p_before)
				order by 1 desc, 2 desc limit p_want;
		else
			return query select k.at, k.event_id from unnest(ats, ids) k (at, event_id)
				where (p_at is null or (k.at, k.event_id) > (p_at, p_id)) and (p_before is null or k.at < p_before)
				order by 1, 2 limit p_want;
		end if;
		return;
	end if;
	span := concat(case when p_at is not null then format(' and (at, event_id) %s (%L, %s)',
			case when p_newest then '<' else '>' end, p_at, p_id) end,
		case when p_before is not null then format(' and at < %L', p_before) end);
	for m in select p.part::regclass::text as part from audit_partition p
		where (p_before is null or p.lo < p_before)
			and (p_at is null or case when p_newest then p.lo <= p_at else p.hi > p_at end)
		order by case when p_newest then -1 else 1 end * extract(epoch from p.lo)
	loop
		inside := format('select array_agg(at order by at %1$s, event_id %1$s), array_agg(event_id order by at %1$s, event_id %1$s) '
			'from (%%s) k', way);
		execute format(inside, format('select at, event_id from %s where subject_ids @> $1%s limit %s', m.part, span, many + 1))
		into ats, ids using who;
		if cardinality(ats) > many then
			execute format(inside, format('select at, event_id from (select at, event_id, subject_ids from %s where true%s '
				'order by at %4$s, event_id %4$s limit %3$s) t where $1[1] = any (subject_ids)', m.part, span, near, way))
			into ats, ids using who;
			if coalesce(cardinality(ats), 0) < p_want - n then
				execute format(inside, format('select at, event_id from %s where subject_ids @> $1%s', m.part, span))
				into ats, ids using who;
			end if;
		end if;
		return query select k.at, k.event_id from unnest(ats, ids) with ordinality k (at, event_id, i)
			order by k.i limit p_want - n;
		n := n + least(coalesce(cardinality(ats), 0), p_want - n);
		exit when n >= p_want;
	end loop;
end $$;

-- Where the events of a question stand, newest first. First the newest are looked through;
-- when they have too few, the condition that the fewest events meet leads the way. No more
-- than some thousands are looked at: the one row that is no hit says how far the search
-- came, and that there is more behind. It reads past the policies, so that what one may
-- not see costs no more than what one may, and returns keys: the events themselves are
-- read with the policies. p_sets: sets of fields; p_at, p_id: behind that event.
create or replace function audit_find(p_actor bigint, p_contact bigint, p_entity text, p_record bigint,
	p_actions text[], p_outcome text, p_sets bigint[], p_ip inet, p_session bigint, p_from timestamptz,
	p_to timestamptz, p_at timestamptz, p_id bigint, p_want integer)
returns table (at timestamptz, event_id bigint, hit boolean)
language plpgsql stable security definer set search_path = public set enable_seqscan = off as $$
#variable_conflict use_column
declare
	newest constant integer := 500;
	fine constant integer := 5000;
	many constant integer := 20000;
	sorted constant text := ' order by at desc, event_id desc limit ';
	-- As the indexes by address and by fields have it.
	bin constant text := $q$date_bin('5 minutes', at, '2000-01-01 00:00:00+00')$q$;
	binned boolean := false;
	way text := sorted;
	near text;
	lo timestamptz := p_from;
	hi timestamptz := p_to;
	who bigint := p_actor;
	span text;
	cond text;
	drivers text[];
	driver text;
	best text := '';
	source text;
	n bigint;
	fewest bigint := many;
	looked bigint;
	back timestamptz;
	farthest timestamptz;
	ats timestamptz[];
	ids bigint[];
begin
	-- A session's events are its user's, of its time.
	if p_session is not null then
		select greatest(p_from, created_at - interval '1 minute'), least(p_to, ended_at + interval '1 minute', expires_at),
			coalesce(p_actor, viewer_id, user_id)
		into lo, hi, who from session where session_id = p_session;
		if not found then
			lo := p_from;
			hi := p_to;
			who := p_actor;
		end if;
	end if;
	span := concat(case when lo is not null then format(' and at >= %L', lo) end,
		case when hi is not null then format(' and at < %L', hi) end,
		case when p_at is not null then format(' and at <= %1$L and (at, event_id) < (%1$L, %2$s)', p_at, p_id) end);
	near := concat(span, case when lo is not null then format(' and %s >= %L', bin, lo - interval '5 minutes') end,
		case when least(hi, p_at) is not null then format(' and %s <= %L', bin, least(hi, p_at)) end);
	cond := concat(case when p_actor is not null then format(' and actor_id = %s', p_actor) end,
		case when p_entity is not null then format(' and entity = %L', p_entity) end,
		case when p_record is not null then format(' and %s = any (audit_records(entity, record_ids, subject_ids))', p_record) end,
		case when p_actions is not null then format(' and action = any (%L::text[])', p_actions) end,
		case when p_outcome is not null then format(' and outcome = %L', p_outcome) end,
		case when p_sets is not null then format(' and field_set_id = any (%L::bigint[])', p_sets) end,
		case when p_ip is not null then format(' and ip = %L::inet', p_ip) end,
		case when p_session is not null then format(' and session_id = %s', p_session) end);
	if p_contact is not null then
		-- Some of the person's newest; when too few meet the rest of the question, thousands.
		n := 0;
		foreach looked in array case when cond = '' then array[p_want] else array[2 * p_want, fine] end loop
			source := format('select k.at, k.event_id from audit_of(%s, %L, %L, %L, %s, true) k%s', p_contact,
				p_at, p_id, hi, looked, case when lo is not null then format(' where k.at >= %L', lo) end);
			execute format('select count(*), count(*) filter (where e.hit), array_agg(k.at) filter (where e.hit), '
				'array_agg(k.event_id) filter (where e.hit) from (%s) k left join lateral '
				'(select true as hit from audit_event t where t.at = k.at and t.event_id = k.event_id%s offset 0) e on true',
				source, cond) into fewest, n, ats, ids;
			exit when n >= p_want or fewest < looked;
		end loop;
		return query select k.at, k.event_id, true from unnest(ats, ids) k (at, event_id) order by 1 desc, 2 desc limit p_want;
		if n < p_want and fewest = fine then
			return query execute format('select k.at, k.event_id, false from (%s) k order by 1, 2 limit 1', source);
		end if;
		return;
	end if;
	if cond = '' then
		return query execute format('select at, event_id, true from audit_event where true%s%s%s', span, sorted, p_want);
		return;
	end if;
	source := format('select * from audit_event where true%s%s%s', span, sorted, newest);
	execute format('select count(*) filter (where true%s), count(*) from (%s) e', cond, source) into n, looked;
	if n < p_want and looked = newest then
		drivers := array_remove(array[
			case when who is not null then format('actor_id = %s', who) end,
			case when p_actions is null or p_actions && array['view', 'list'] then null
				when cardinality(p_actions) = 1 then format('action = %L', p_actions[1])
				else format('action = any (%L::text[])', p_actions) end,
			case when p_entity <> 'contact' then format('entity = %L', p_entity) end,
			case when p_outcome <> 'ok' then format('outcome = %L', p_outcome) end,
			case when p_sets is null then null when cardinality(p_sets) = 1 then format('field_set_id = %s', p_sets[1])
				else format('field_set_id = any (%L::bigint[])', p_sets) end,
			case when p_ip is not null then format('ip = %L::inet', p_ip) end], null);
		-- Of those that many events meet the one whose newest reach back farthest is the rarest;
		-- a condition with several values has no order that could say so.
		foreach driver in array drivers loop
			binned := driver ~ '^(ip|field_set_id) = ' and driver not like '% = any (%';
			execute format('select count(*), min(at) from (select at from audit_event where %s%s%s limit %s) e', driver,
				case when binned then near else span end, case when binned then format(' order by %s desc', bin)
				when driver not like '% = any (%' then ' order by at desc' end, fine + 1)
			into n, back;
			if driver like '% = any (%' then
				back := 'infinity';
			end if;
			if n < fewest or n = fewest and back < farthest then
				fewest := n;
				farthest := back;
				best := driver;
			end if;
		end loop;
		binned := best ~ '^(ip|field_set_id) = ' and best not like '% = any (%';
		if binned then
			span := near;
			way := ' order by bin desc, at desc, event_id desc limit ';
		end if;
		if fewest <= fine then
			-- All of them, whatever their order.
			source := format('select *, %s as bin from audit_event where %s%s offset 0', bin, best, span);
			looked := 0;
		elsif best like 'action%' and cardinality(p_actions) > 1 then
			select format('select * from (%s) e%s%s', string_agg(format('(select * from audit_event where action = %L%s%s%s)',
				a.a, span, sorted, many), ' union all '), sorted, many)
			into source from unnest(p_actions) a (a);
			looked := many;
		else
			source := format('select *, %s as bin from audit_event where %s%s%s%s', bin, coalesce(nullif(best, ''), 'true'), span,
				way, many);
			looked := many;
		end if;
	else
		looked := 0;
	end if;
	return query execute format('select at, event_id, true from (%s) e where true%s%s%s', source, cond, way, p_want);
	get diagnostics n = row_count;
	if n < p_want and looked > 0 then
		return query execute format('select at, event_id, false from (%s) e order by at desc, event_id desc offset %s limit 1',
			source, looked - 1);
	end if;
end $$;

reset role;
