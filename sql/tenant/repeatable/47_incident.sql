-- SPDX-License-Identifier: ISC
-- Incidents: whoever runs or approves requests sees them; steps are begun in any order
-- and closed in theirs; a list of who was exposed is made here, out of the log, and is
-- then nobody's to change. An incident that is open holds the months of the log it is about.
set role praya_owner;

-- Nobody takes back what happened, whoever the database takes them for.
create or replace function incident_stays() returns trigger language plpgsql volatile set search_path = public as $$
begin
	raise exception 'it stays' using errcode = 'PR033';
end $$;

do $$
declare
	t text;
begin
	foreach t in array array['incident', 'incident_step', 'incident_event', 'exposure', 'exposure_part', 'exposure_entry',
		'incident_letter']
	loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('drop policy if exists owner on %I', t);
		execute format('create policy owner on %I to praya_owner using (true) with check (true)', t);
		execute format('drop policy if exists visible on %I', t);
		execute format('create policy visible on %I to praya_tenant using ((select requests_all()))', t);
		execute format('revoke all on %I from praya_tenant', t);
		execute format('grant select on %I to praya_tenant', t);
		continue when t = 'exposure_part';
		execute format('drop trigger if exists stays_all on %I', t);
		execute format('create trigger stays_all before truncate on %I for each statement
			execute function incident_stays()', t);
		execute format('drop trigger if exists stays on %I', t);
		execute format('create trigger stays before %s on %I for each row execute function incident_stays()',
			case when t in ('incident_event', 'exposure_entry', 'incident_letter') then 'update or delete' else 'delete' end, t);
	end loop;
end $$;
grant insert (kind, aware_at, began_at, key_id, particulars) on incident to praya_tenant;
grant insert (incident_id, action, step, note, data) on incident_event to praya_tenant;
grant insert (event_id, contact_id, how) on incident_letter to praya_tenant;
grant insert (incident_id, actor_ids, session_ids, addresses, contact_ids, froms, tos) on exposure to praya_tenant;

-- A time as the C side takes it.
create or replace function usec(p timestamptz) returns bigint language sql stable as $$
	select (extract(epoch from p) * 1000000)::bigint
$$;

create or replace function incident_me() returns bigint language sql stable as $$
	select nullif(current_setting('praya.user_id', true), '')::bigint
$$;

-- The months of the log these days lie in stay while the incident is open.
create or replace function incident_hold(p_incident bigint, p_from timestamptz, p_to timestamptz) returns void
language sql volatile security definer set search_path = public as $$
	insert into audit_hold (first_day, last_day, reason, source_id, created_by)
	select (p_from at time zone 'Asia/Hong_Kong')::date, (greatest(p_from, p_to) at time zone 'Asia/Hong_Kong')::date,
		'incident', p_incident, incident_me();
$$;
revoke all on function incident_hold(bigint, timestamptz, timestamptz) from public;

create or replace function incident_recorded() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.recorded_at := now();
	new.recorded_by := incident_me();
	new.reference := 'I' || to_char(hk_today(), 'YYYY') || '-' || lpad(new.incident_id::text, 5, '0');
	if new.aware_at > now() or new.began_at > new.aware_at then
		raise exception 'no such times' using errcode = 'PR032';
	end if;
	return new;
end $$;
drop trigger if exists recorded on incident;
create trigger recorded before insert on incident for each row execute function incident_recorded();

create or replace function incident_held() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	perform incident_hold(new.incident_id, new.began_at, new.aware_at);
	return null;
end $$;
drop trigger if exists held on incident;
create trigger held after insert on incident for each row execute function incident_held();

-- What is still missing before this can be done: codes of the message catalogue.
create or replace function incident_lacks(i incident, p_action text, p_step integer) returns text[]
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return array_remove(array[
		case when i.closed_at is not null and p_action <> 'note' then 'closed' end,
		case when p_action = 'start' and exists (select from incident_step s
			where s.incident_id = i.incident_id and s.step = p_step) then 'started' end,
		case when p_action = 'close' and not exists (select from incident_step s
			where s.incident_id = i.incident_id and s.step = p_step) then 'start' end,
		case when p_action = 'close' and exists (select from incident_step s
			where s.incident_id = i.incident_id and s.step = p_step and s.closed_at is not null) then 'done' end,
		case when p_action = 'close' and (select count(*) from incident_step s where s.incident_id = i.incident_id
			and s.step < p_step and s.closed_at is not null) < p_step - 1 then 'earlier' end,
		case when p_action = 'close' and p_step = 3 and exists (select from exposure x
			where x.incident_id = i.incident_id and x.state <> 'frozen') then 'list' end,
		case when p_action = 'close' and p_step = 4 and i.approved_at is null
			or p_action = 'told' and i.approved_at is null then 'approval' end,
		case when p_action = 'told' and i.approved_at is not null and not i.notify then 'notify' end,
		case when p_action = 'close' and p_step = 4 and i.approved_at is not null and i.notify
			and i.pcpd_at is null and i.subjects_at is null then 'told' end,
		case when p_action = 'decide' and exists (select from incident_step s
			where s.incident_id = i.incident_id and s.step = 4 and s.closed_at is not null) then 'done' end,
		case when p_action = 'approve' and i.decided_at is null then 'decision' end,
		case when p_action = 'approve' and i.approved_at is not null then 'approved' end], null);
end $$;

-- Where it stands, out of what was done.
create or replace function incident_state(p_incident bigint) returns text
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return (select case
		when 5 = any (s.closed) then 'documented'
		when 4 = any (s.closed) then case when i.notify then 'notified' else 'decided' end
		when 3 = any (s.closed) then case when i.approved_at is not null then 'decided' else 'assessed' end
		when 2 = any (s.closed) then 'contained'
		when s.begun > 0 then 'gathering' else 'suspected' end
	from incident i cross join lateral (select count(*) as begun,
		coalesce(array_agg(step) filter (where closed_at is not null), '{}') as closed
		from incident_step x where x.incident_id = i.incident_id) s
	where i.incident_id = p_incident);
end $$;

-- What an action asks for beyond incident_lacks().
create or replace function incident_reasons(e incident_event, i incident) returns void
language plpgsql stable set search_path = public as $$
begin
	if e.action in ('close', 'decide', 'note') and e.note is null
		or e.action in ('start', 'close') and coalesce(e.step not between 1 and 5, true)
		or e.action not in ('start', 'close') and e.step is not null
		or e.action = 'decide' and not e.data ? 'notify'
		or e.action = 'told' and (coalesce(e.data->>'whom', '') not in ('pcpd', 'subjects', 'police', 'other')
			or coalesce((e.data->>'at')::timestamptz > now() or (e.data->>'at')::timestamptz < i.began_at, true)) then
		raise exception 'reasons' using errcode = 'PR032';
	end if;
end $$;

create or replace function incident_moved() returns trigger language plpgsql volatile security definer
set search_path = public as $$
declare
	i incident;
	me bigint := incident_me();
begin
	select * into i from incident where incident_id = new.incident_id for update;
	if not found then
		raise exception 'no incident' using errcode = '23503';
	end if;
	new.at := now();
	new.by_user := me;
	new.sole := false;
	if new.action in ('record', 'list', 'frozen', 'letters', 'form') then
		return new;
	end if;
	if new.action not in ('start', 'close', 'decide', 'approve', 'told', 'note')
		or incident_lacks(i, new.action, new.step) <> '{}' then
		raise exception 'not now' using errcode = 'PR031';
	end if;
	perform incident_reasons(new, i);
	if new.action = 'approve' then
		new.sole := request_second_look(me, i.decided_by);
	elsif new.action = 'start' then
		insert into incident_step (incident_id, step, started_by) values (i.incident_id, new.step, me);
	elsif new.action = 'close' then
		update incident_step set closed_at = now(), closed_by = me
		where incident_id = i.incident_id and step = new.step;
	end if;
	update incident set updated_at = now(), version = version + 1,
		notify = case when new.action = 'decide' then (new.data->>'notify')::boolean else notify end,
		decided_at = case when new.action = 'decide' then now() else decided_at end,
		decided_by = case when new.action = 'decide' then me else decided_by end,
		-- What is decided anew is approved anew.
		approved_at = case new.action when 'approve' then now() when 'decide' then null else approved_at end,
		approved_by = case new.action when 'approve' then me when 'decide' then null else approved_by end,
		pcpd_at = case when new.action = 'told' and new.data->>'whom' = 'pcpd'
			then coalesce(pcpd_at, (new.data->>'at')::timestamptz) else pcpd_at end,
		subjects_at = case when new.action = 'told' and new.data->>'whom' = 'subjects'
			then coalesce(subjects_at, (new.data->>'at')::timestamptz) else subjects_at end,
		others_at = case when new.action = 'told' and new.data->>'whom' in ('police', 'other')
			then coalesce(others_at, (new.data->>'at')::timestamptz) else others_at end,
		closed_at = case when new.action = 'close' and new.step = 5 then now() else closed_at end
	where incident_id = i.incident_id;
	update incident set state = incident_state(i.incident_id) where incident_id = i.incident_id;
	if new.action = 'close' and new.step = 5 then
		update audit_hold set ended_at = now(), ended_by = me
		where reason = 'incident' and source_id = i.incident_id and ended_at is null;
	end if;
	return new;
end $$;
drop trigger if exists moved on incident_event;
create trigger moved before insert on incident_event for each row execute function incident_moved();

-- ---- who was exposed

create or replace function exposure_asked() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	new.asked_at := now();
	new.asked_by := incident_me();
	new.state := 'waiting';
	if exists (select from incident i where i.incident_id = new.incident_id and i.closed_at is not null) then
		raise exception 'it is closed' using errcode = 'PR031';
	end if;
	if cardinality(new.froms) not between 1 and 10 or cardinality(new.froms) <> cardinality(new.tos)
		or exists (select from unnest(new.froms, new.tos) w (f, t) where w.f is null or w.t is null or w.f >= w.t
			or w.t > now() + interval '1 day')
		or exists (select from unnest(new.addresses) a (x) where x::inet is null) then
		raise exception 'no such times' using errcode = 'PR032';
	end if;
	return new;
end $$;
drop trigger if exists asked on exposure;
create trigger asked before insert on exposure for each row execute function exposure_asked();

create or replace function exposure_holds() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	perform incident_hold(new.incident_id, w.f, w.t) from unnest(new.froms, new.tos) w (f, t);
	return null;
end $$;
drop trigger if exists holds on exposure;
create trigger holds after insert on exposure for each row execute function exposure_holds();

-- What was frozen stays as it is; what was asked stays what it was.
create or replace function exposure_kept() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if old.state = 'frozen' or (new.incident_id, new.actor_ids, new.session_ids, new.addresses, new.contact_ids, new.froms,
			new.tos, new.asked_at, new.asked_by) is distinct from (old.incident_id, old.actor_ids, old.session_ids,
			old.addresses, old.contact_ids, old.froms, old.tos, old.asked_at, old.asked_by) then
		raise exception 'it stays' using errcode = 'PR033';
	end if;
	return new;
end $$;
drop trigger if exists kept on exposure;
create trigger kept before update on exposure for each row execute function exposure_kept();

create or replace function exposure_added() returns trigger language plpgsql stable set search_path = public as $$
begin
	if exists (select from (select distinct exposure_id from added) a join exposure x using (exposure_id)
			where x.state <> 'folding') then
		raise exception 'it stays' using errcode = 'PR033';
	end if;
	return null;
end $$;
drop trigger if exists added on exposure_entry;
create trigger added after insert on exposure_entry referencing new table as added
	for each statement execute function exposure_added();

-- The next so many events of the log into the list's parts. How far the reading is, in
-- percent of its time; null: nothing is to be read any more. Conditions stand in the
-- text, so that each list is planned for what it asks. Few large pieces: a person that
-- several name has a part of each, which is written, and folded, as often.
create or replace function exposure_collect(p_exposure bigint, p_limit integer) returns integer
language plpgsql volatile security definer set search_path = public set work_mem = '32MB' as $$
declare
	x exposure;
	lo timestamptz;
	hi timestamptz;
	who text;
	whom text := '';
	at timestamptz;
	id bigint;
	n bigint;
	found_n bigint;
	all_read boolean;
begin
	select * into x from exposure where exposure_id = p_exposure and state in ('waiting', 'collecting') for update;
	if not found then
		return null;
	end if;
	select min(f), max(t) into lo, hi from unnest(x.froms, x.tos) w (f, t);
	if x.state = 'waiting' then
		x.cursor_at := lo;
		x.cursor_id := 0;
	end if;
	who := concat_ws(' or ',
		case cardinality(x.actor_ids) when 0 then null when 1 then format('e.actor_id = %s', x.actor_ids[1])
			else format('e.actor_id = any (%L)', x.actor_ids) end,
		case when x.session_ids <> '{}' then format('e.session_id = any (%L)', x.session_ids) end,
		case cardinality(x.addresses) when 0 then null when 1 then format('e.ip = %L::inet and '
				|| $b$date_bin('5 minutes', e.at, '2000-01-01 00:00:00+00') >= %L$b$, x.addresses[1],
				x.cursor_at - interval '5 minutes')
			else format('e.ip = any (%L::inet[])', x.addresses) end);
	if x.contact_ids <> '{}' then
		whom := format(' and e.subject_ids && %1$L::integer[]', x.contact_ids);
	end if;
	execute format($q$with c as materialized (
			select e.at, e.event_id, e.action, e.field_set_id, e.subject_ids from audit_event e
			where e.at >= %L and e.at < %L and (e.at, e.event_id) > (%L, %s) and (%s) and (%s)%s
				and e.outcome = 'ok' and e.subject_ids is not null
				and e.action in ('view', 'reveal', 'list', 'search', 'export', 'download', 'send', 'create',
					'update', 'archive', 'restore', 'delete', 'merge', 'import', 'erase', 'consent', 'opt_out')
			order by e.at, e.event_id limit %s),
		-- An event may name a thousand people.
		e as materialized (select at, event_id, subject_ids, coalesce(field_set_id, 0) as set,
				case when action in ('view', 'reveal') then 'viewed' when action in ('list', 'search') then 'listed'
				when action in ('export', 'download') then 'exported' when action = 'send' then 'sent' else 'changed' end as how
			from (select c.*, sum(cardinality(c.subject_ids)) over (order by c.at, c.event_id)
				- cardinality(c.subject_ids) as before from c) b where before < 700000),
		p as (insert into exposure_part (exposure_id, contact_id, how, field_set_id, first_at, last_at, times)
			select %s, s.id, e.how, e.set, min(e.at), max(e.at), count(*)
			from e cross join lateral unnest(e.subject_ids) s (id) %s
			group by s.id, e.how, e.set order by s.id)
		select l.at, l.event_id, (select count(*) from e), (select count(*) from c) from e l
		order by l.at desc, l.event_id desc limit 1$q$,
		x.cursor_at, hi, x.cursor_at, x.cursor_id,
		(select string_agg(format('(e.at >= %L and e.at < %L)', w.f, w.t), ' or ') from unnest(x.froms, x.tos) w (f, t)),
		case when who = '' then 'true' else who end, whom, p_limit, x.exposure_id,
		case when x.contact_ids <> '{}' then format('where s.id = any (%L)', x.contact_ids) else '' end)
	into at, id, n, found_n;
	all_read := coalesce(found_n, 0) < p_limit and coalesce(n, 0) = coalesce(found_n, 0);
	update exposure set state = case when all_read then 'folding' else 'collecting' end,
		cursor_at = coalesce(at, x.cursor_at), cursor_id = coalesce(id, x.cursor_id), events = events + coalesce(n, 0)
	where exposure_id = x.exposure_id;
	return case when all_read then 90
		else (90 * extract(epoch from at - lo) / greatest(extract(epoch from hi - lo), 1))::integer end;
end $$;

-- The parts of the next so many people into the list; false: that was all.
create or replace function exposure_fold(p_exposure bigint, p_limit integer) returns boolean
language plpgsql volatile security definer set search_path = public set work_mem = '32MB' as $$
declare
	x exposure;
	last bigint;
	n bigint;
	p bigint;
begin
	select * into x from exposure where exposure_id = p_exposure and state = 'folding' for update;
	if not found then
		return null;
	end if;
	select contact_id into last from exposure_part where exposure_id = p_exposure and contact_id > x.folded
	order by contact_id offset p_limit limit 1;
	with gone as (delete from exposure_part where exposure_id = p_exposure and contact_id > x.folded
			and (last is null or contact_id <= last) returning *),
		made as (insert into exposure_entry (exposure_id, contact_id, how, field_set_id, first_at, last_at, times)
			select p_exposure, contact_id, how, field_set_id, min(first_at), max(last_at), sum(times) from gone
			group by contact_id, how, field_set_id returning contact_id)
	select count(*), count(distinct contact_id) into n, p from made;
	update exposure set folded = coalesce(last, 0), entries = entries + n, people = people + p,
		state = case when last is null then 'digesting' else 'folding' end, digest = ''
	where exposure_id = p_exposure;
	return last is not null;
end $$;

-- The digest of the next so many people of a list behind the digest of those before.
create or replace function exposure_link(p_exposure bigint, p_after bigint, p_before bytea, out last bigint, out digest bytea)
language sql stable set search_path = public as $$
	with p as (select contact_id from exposure_entry where exposure_id = p_exposure and contact_id > p_after
		group by contact_id order by contact_id limit 2000)
	select max(e.contact_id), sha256(p_before || convert_to(string_agg(concat_ws('|', e.contact_id, e.how, e.field_set_id,
			(extract(epoch from e.first_at) * 1000000)::bigint, (extract(epoch from e.last_at) * 1000000)::bigint, e.times),
			E'\n' order by e.contact_id, e.how, e.field_set_id), 'UTF8'))
	from exposure_entry e
	where e.exposure_id = p_exposure and e.contact_id > p_after and e.contact_id <= (select max(contact_id) from p);
$$;

-- What was shown of people by category of data; a mask shows nothing of it.
create or replace function exposure_summary(p_exposure bigint) returns jsonb
language sql stable security definer set search_path = public as $$
	select jsonb_build_object(
		'how', coalesce((select jsonb_object_agg(how, n) from (select how, count(distinct contact_id) as n
			from exposure_entry where exposure_id = p_exposure group by how) h), '{}'),
		'categories', coalesce((select jsonb_object_agg(category, n) from (
			select c.category, count(distinct e.contact_id) as n
			from (select distinct s.field_set_id, f.category from field_set s cross join lateral unnest(s.fields) x (name)
				join field f on f.entity = s.entity and f.name = x.name
				where s.field_set_id in (select distinct field_set_id from exposure_entry where exposure_id = p_exposure)
					and f.category <> 'none') c
			join exposure_entry e using (field_set_id) where e.exposure_id = p_exposure group by c.category) k), '{}'),
		'erased', (select count(distinct e.contact_id) from exposure_entry e join contact c using (contact_id)
			where e.exposure_id = p_exposure and c.erased_at is not null));
$$;
revoke all on function exposure_summary(bigint) from public;

-- The digest goes on; at its end the list is frozen: from here on nobody changes it.
-- How many people it has; null: there is more to do.
create or replace function exposure_freeze(p_exposure bigint) returns bigint
language plpgsql volatile security definer set search_path = public as $$
declare
	x exposure;
	l record;
begin
	select * into x from exposure where exposure_id = p_exposure and state = 'digesting' for update;
	if not found then
		return null;
	end if;
	for i in 1 .. 20 loop
		select * into l from exposure_link(p_exposure, x.folded, x.digest);
		exit when l.last is null;
		x.folded := l.last;
		x.digest := l.digest;
	end loop;
	if l.last is not null then
		update exposure set folded = x.folded, digest = x.digest where exposure_id = p_exposure;
		return null;
	end if;
	x.digest := sha256(x.digest);
	update exposure set state = 'frozen', frozen_at = now(), digest = x.digest, summary = exposure_summary(p_exposure)
	where exposure_id = p_exposure;
	insert into incident_event (incident_id, action, data) values (x.incident_id, 'frozen',
		jsonb_build_object('list', p_exposure, 'digest', encode(x.digest, 'hex'), 'people', x.people));
	return x.people;
end $$;

-- Is a list as it was frozen?
create or replace function exposure_whole(p_exposure bigint) returns boolean
language plpgsql stable security definer set search_path = public as $$
declare
	at bigint := 0;
	sum bytea := '';
	l record;
begin
	loop
		select * into l from exposure_link(p_exposure, at, sum);
		exit when l.last is null;
		at := l.last;
		sum := l.digest;
	end loop;
	return exists (select from exposure where exposure_id = p_exposure and state = 'frozen' and digest = sha256(sum))
		and exists (select from incident_event e join exposure x using (incident_id) where x.exposure_id = p_exposure
			and e.action = 'frozen' and e.data->>'list' = p_exposure::text
			and e.data->>'digest' = encode(x.digest, 'hex'));
end $$;

-- The job that makes it.
create or replace function exposure_job(p_exposure bigint, p_job bigint) returns void
language sql volatile security definer set search_path = public as $$
	update exposure set job_id = p_job where exposure_id = p_exposure and state = 'waiting' and job_id is null;
$$;

reset role;
