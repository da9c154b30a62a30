-- SPDX-License-Identifier: ISC
-- What happened with a person, for their page.
set role praya_owner;

drop function if exists contact_events(bigint, integer);

-- Where the newest of a person's changes stand, behind that event. There are few of them in a
-- month, whatever number of looks there is: their index has nothing else. It reads past the
-- policies: keys only.
create or replace function audit_changes(p_contact bigint, p_at timestamptz, p_id bigint, p_want integer)
returns table (at timestamptz, event_id bigint)
language plpgsql stable security definer set search_path = public set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	who integer[];
begin
	if p_contact not between 1 and 2147483647 then
		return;
	end if;
	who := array[p_contact::integer];
	-- Found first and sorted then: by time they would be looked for among all there is.
	return query select k.at, k.event_id from (select e.at, e.event_id from audit_event e
			where e.subject_ids @> who and e.entity = 'contact' and e.action in ('create', 'update', 'archive',
				'restore', 'import', 'merge', 'erase', 'reveal', 'export', 'permission')
				and e.outcome = 'ok' and e.at <= p_at offset 0) k
		where (k.at, k.event_id) < (p_at, p_id) order by 1 desc, 2 desc limit p_want;
end $$;

-- The newest p_want of those that one may see, and perhaps some more.
create or replace function contact_changes(p_contact bigint, p_at timestamptz, p_id bigint, p_want integer)
returns setof audit_event
language plpgsql stable set search_path = public set enable_seqscan = off
set plan_cache_mode = force_generic_plan as $$
declare
	ats timestamptz[];
	ids bigint[];
	n integer := 0;
	got integer;
begin
	loop
		select array_agg(k.at order by k.at desc, k.event_id desc), array_agg(k.event_id order by k.at desc, k.event_id desc)
		into ats, ids from contact c cross join lateral audit_changes(c.contact_id, p_at, p_id, p_want) k
		where c.contact_id = p_contact;
		return query select e.* from unnest(ats, ids) k (at, event_id) cross join lateral (
			select t.* from audit_event t where t.at = k.at and t.event_id = k.event_id offset 0) e;
		get diagnostics got = row_count;
		n := n + got;
		exit when n >= p_want or coalesce(cardinality(ats), 0) < p_want;
		p_at := ats[p_want];
		p_id := ids[p_want];
	end loop;
end $$;

-- A person's timeline behind a place: the newest p_want of each kind, of which the newest of
-- all are the page. p_reads: fields that may be read ("message.subject"). Entries of the same moment
-- stand in order of their kinds (rank), and of a kind the newest number first. So behind an entry
-- there are of each kind those of earlier moments than its own (p_at), and those of that moment
-- whose number is below p_below's for the kind. What is cut off where is decided by the times
-- that may be read, each with an index of its own: one that is hidden is told by no order.
-- Of a person who is not visible nothing is looked for.
create or replace function timeline(p_contact bigint, p_reads text[], p_at timestamptz, p_below bigint[], p_want integer)
returns table (rank integer, kind text, id bigint, at timestamptz, title text, body text, who bigint, a text, b text,
	n bigint, private boolean, note text)
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	-- An invoice has a day, and stands where that begins.
	day date := (p_at at time zone 'Asia/Hong_Kong')::date;
	below bigint := case when day::timestamp at time zone 'Asia/Hong_Kong' < p_at then 9223372036854775807 else p_below[4] end;
begin
	perform from contact where contact_id = p_contact;
	if not found then
		return;
	end if;
	if 'message.happened_at' = any (p_reads) then
		return query select 1, 'message', m.message_id, m.happened_at, case when 'message.subject' = any (p_reads) then m.subject end, case when 'message.body' = any (p_reads) then left(m.body, 600) end,
			m.created_by, case when 'message.channel' = any (p_reads) then m.channel end, case when 'message.direction' = any (p_reads) then m.direction end,
			case when m.source = 'mail_unproven' and m.direction = 'in' and 'message.direction' = any (p_reads) then 1::bigint end, false, m.opinion_note
			from message m where m.contact_id = p_contact and m.archived_at is null
				and (m.happened_at, m.message_id) < (p_at, p_below[1])
			order by m.happened_at desc, m.message_id desc limit p_want;
	else
		return query select 1, 'message', m.message_id, m.created_at, case when 'message.subject' = any (p_reads) then m.subject end, case when 'message.body' = any (p_reads) then left(m.body, 600) end,
			m.created_by, case when 'message.channel' = any (p_reads) then m.channel end, case when 'message.direction' = any (p_reads) then m.direction end,
			case when m.source = 'mail_unproven' and m.direction = 'in' and 'message.direction' = any (p_reads) then 1::bigint end, false, m.opinion_note
			from message m where m.contact_id = p_contact and m.archived_at is null
				and (m.created_at, m.message_id) < (p_at, p_below[1])
			order by m.created_at desc, m.message_id desc limit p_want;
	end if;
	if 'activity.happened_at' = any (p_reads) then
		return query select 2, 'activity', v.activity_id, v.happened_at, case when 'activity.subject' = any (p_reads) then v.subject end, case when 'activity.body' = any (p_reads) then left(v.body, 600) end,
			v.created_by, case when 'activity.kind' = any (p_reads) then v.kind end, case when v.kind = 'task' and v.done_at is null then 'open' else 'done' end,
			null::bigint, v.private_to is not null, v.opinion_note
			from activity v where v.contact_id = p_contact and v.archived_at is null
				and (v.happened_at, v.activity_id) < (p_at, p_below[2])
			order by v.happened_at desc, v.activity_id desc limit p_want;
	else
		return query select 2, 'activity', v.activity_id, v.created_at, case when 'activity.subject' = any (p_reads) then v.subject end, case when 'activity.body' = any (p_reads) then left(v.body, 600) end,
			v.created_by, case when 'activity.kind' = any (p_reads) then v.kind end, case when v.kind = 'task' and v.done_at is null then 'open' else 'done' end,
			null::bigint, v.private_to is not null, v.opinion_note
			from activity v where v.contact_id = p_contact and v.archived_at is null
				and (v.created_at, v.activity_id) < (p_at, p_below[2])
			order by v.created_at desc, v.activity_id desc limit p_want;
	end if;
	return query select 3, 'attachment', f.attachment_id, f.created_at, case when 'attachment.file_name' = any (p_reads) then f.file_name end, null,
		f.created_by, null, null, f.size, false, null
		from attachment f where f.contact_id = p_contact and f.archived_at is null and f.message_id is null
			and (f.created_at, f.attachment_id) < (p_at, p_below[3])
		order by f.created_at desc, f.attachment_id desc limit p_want;
	if 'invoice.issued_on' = any (p_reads) then
		return query select 4, 'invoice', i.invoice_id, i.issued_on::timestamp at time zone 'Asia/Hong_Kong', case when 'invoice.number' = any (p_reads) then i.number end, null,
			i.created_by, i.currency, case when 'invoice.status' = any (p_reads) then i.status end, case when 'invoice.amount' = any (p_reads) then i.amount end, false, null
			from invoice i where i.contact_id = p_contact and i.archived_at is null and (i.issued_on, i.invoice_id) < (day, below)
			order by i.issued_on desc, i.invoice_id desc limit p_want;
	else
		return query select 4, 'invoice', i.invoice_id, i.created_at, case when 'invoice.number' = any (p_reads) then i.number end, null,
			i.created_by, i.currency, case when 'invoice.status' = any (p_reads) then i.status end, case when 'invoice.amount' = any (p_reads) then i.amount end, false, null
			from invoice i where i.contact_id = p_contact and i.archived_at is null and (i.created_at, i.invoice_id) < (p_at, p_below[4])
			order by i.created_at desc, i.invoice_id desc limit p_want;
	end if;
	return query select 5, 'change', e.event_id, e.at, e.action, array_to_string(s.fields, ','), e.actor_id, e.entity,
		e.actor_kind, null::bigint, false, null
		from contact_changes(p_contact, p_at, p_below[5], p_want) e left join field_set s using (field_set_id);
end $$;

reset role;
