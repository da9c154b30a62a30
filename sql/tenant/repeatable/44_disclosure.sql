-- SPDX-License-Identifier: ISC
-- Who received what of a person: what was written down, and what leaves by Praya itself.
set role praya_owner;

alter table disclosure enable row level security;
alter table disclosure force row level security;
drop policy if exists owner on disclosure;
create policy owner on disclosure to praya_owner using (true) with check (true);
drop policy if exists visible on disclosure;
create policy visible on disclosure to praya_tenant using (
	exists (select from contact c where c.contact_id = disclosure.contact_id));
revoke all on disclosure from praya_tenant;
grant select, insert (contact_id, disclosed_on, fields, recipient, purpose) on disclosure to praya_tenant;

create or replace function disclosure_written() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.created_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	return new;
end $$;
drop trigger if exists written on disclosure;
create trigger written before insert on disclosure for each row execute function disclosure_written();

-- What these functions look at: exports that were made, mails that went out, links of answers.
drop policy if exists disclosed on export;
create policy disclosed on export for select to praya_owner using (state = 'done');
drop policy if exists disclosed on message;
create policy disclosed on message for select to praya_owner using (direction = 'out' and channel = 'email');

-- Addresses of a mail that are not its person's own.
create or replace function mail_others(p_recipients text, p_own text) returns boolean
language sql immutable set search_path = public as $$
	select exists (select from regexp_matches(lower(p_recipients), '[^[:space:],;<>"]+@[^[:space:],;<>"]+', 'g') m
		where m[1] is distinct from lower(p_own));
$$;

-- note: of an export its reason, of a hand-over the request's reference, of a mail its addresses.
create or replace function disclosures(p_contact bigint, p_from date, p_to date)
returns table (source text, ref bigint, disclosed_on date, by_user bigint, note text, fields text[], recipient bytea, purpose bytea)
language sql stable security definer set search_path = public set enable_seqscan = off as $$
	select 'register', d.disclosure_id, d.disclosed_on, d.created_by, null, d.fields, d.recipient, d.purpose
	from disclosure d where d.contact_id = p_contact and d.disclosed_on between p_from and p_to
	union all
	select 'export', e.export_id, (e.created_at at time zone 'Asia/Hong_Kong')::date, e.created_by, e.reason, e.fields, null, null
	from export e where e.contact_id = p_contact and e.state = 'done' and e.kind = 'person'
		and (e.created_at at time zone 'Asia/Hong_Kong')::date between p_from and p_to
	union all
	-- Of a list the log knows who was in it, for longer than the file is there.
	select distinct on (e.export_id) 'export', e.export_id, (v.at at time zone 'Asia/Hong_Kong')::date, e.created_by, e.reason, e.fields,
		null::bytea, null::bytea
	from audit_event v cross join lateral (
		select x.* from export x where x.export_id = substring(v.request_id from '^export\|([0-9]{1,18})$')::bigint and x.state = 'done'
		union all
		-- Events of earlier releases do not say of which: whoever asked, last before it. Those of a file on the
		-- person, or of a copy, say it neither, and are of no list.
		(select x.* from export x where v.request_id is null and v.route = 'job.list_export' and x.created_by = v.actor_id and x.created_at <= v.at
			and x.created_at > v.at - interval '8 days' and x.kind = 'list' and x.entity = v.entity and x.state = 'done'
			and coalesce(x.decided_at, x.created_at) <= v.at
		order by coalesce(x.decided_at, x.created_at) desc limit 1)) e
	where v.subject_ids @> array[p_contact::integer] and v.action = 'export'
		and v.at >= p_from::timestamp at time zone 'Asia/Hong_Kong' and v.at < (p_to + 1)::timestamp at time zone 'Asia/Hong_Kong'
	union all
	select 'handover', h.handover_id, (h.fetched_at at time zone 'Asia/Hong_Kong')::date, h.created_by, r.reference, '{}', null, null
	from request_subject s join privacy_request r using (request_id) join handover h using (request_id)
	where s.contact_id = p_contact and r.capacity <> 'self'
		and (h.fetched_at at time zone 'Asia/Hong_Kong')::date between p_from and p_to
	union all
	select 'mail', m.message_id, (m.happened_at at time zone 'Asia/Hong_Kong')::date, m.created_by, m.recipients, '{}', null, null
	from message m where m.contact_id = p_contact and m.direction = 'out' and m.channel = 'email'
		and (m.happened_at at time zone 'Asia/Hong_Kong')::date between p_from and p_to
		and mail_others(m.recipients, (select c.email from contact c where c.contact_id = p_contact));
$$;

-- Those of a correction: within the term before the day of correction, which is today until then.
create or replace function request_disclosed(p_request bigint)
returns table (contact_id bigint, source text, ref bigint, disclosed_on date, by_user bigint, note text, fields text[],
	recipient bytea, purpose bytea)
language sql stable security definer set search_path = public as $$
	select s.contact_id, d.*
	from (select coalesce((select max((e.at at time zone 'Asia/Hong_Kong')::date) from request_event e
		where e.request_id = p_request and e.action = 'correct'), hk_today()) as day) c
	cross join lateral (select t.term from law_term t where t.code = 'earlier_recipients' and t.from_on <= c.day
		order by t.from_on desc limit 1) t
	join request_subject s on s.request_id = p_request and s.contact_id is not null
	cross join lateral disclosures(s.contact_id, (c.day - t.term)::date, c.day) d
	-- Where it was said which fields it is about: who received one of them, and of whom it is not known what they received.
	where d.fields = '{}' or not exists (select from request_item i where i.request_id = p_request and i.what = 'field')
		or exists (select from request_item i where i.request_id = p_request and i.what = 'field'
			and i.outcome is distinct from 'refused' and (i.field is null or i.field = any (d.fields)));
$$;
create or replace function request_unlisted(p_request bigint) returns boolean
language sql stable security definer set search_path = public as $$
	select exists (select from request_disclosed(p_request) d where not exists (select from request_item i
		where i.request_id = p_request and i.source = d.source and i.ref = d.ref));
$$;

-- Whoever is not told, there is a reason why not.
create or replace function request_item_why() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if new.outcome = 'ceased' and new.reason is null then
		raise exception 'why not' using errcode = 'PR024';
	end if;
	return new;
end $$;
drop trigger if exists why on request_item;
create trigger why before insert or update on request_item for each row execute function request_item_why();

reset role;
