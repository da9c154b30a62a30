-- SPDX-License-Identifier: ISC
-- What a law keeps of a person and until when, what is due for erasure and since when: one
-- answer, for pages, the API and the erasure itself.
set role praya_owner;

-- What ships with Praya is a law's; what a workspace adds is taken out, never changed.
revoke all on retention_rule from praya_tenant;
grant select, insert (entity, category, field, counts_from, min_months, max_months, law), update (active)
	on retention_rule to praya_tenant;

create or replace function retention_rule_checked() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if tg_op = 'UPDATE' then
		if old.term is not null or new.active or not old.active then
			raise exception 'a rule stands or is taken out' using errcode = 'PR024';
		end if;
		return new;
	end if;
	new.created_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	if new.term is not null or new.law = '' or num_nonnulls(new.min_months, new.max_months) = 0
		or new.min_months not between 1 and 1200 or new.max_months not between 1 and 1200
		or new.max_months < new.min_months
		or new.entity not in ('contact', 'message', 'activity', 'attachment')
		or new.entity <> 'contact' and num_nonnulls(new.category, new.field) > 0
		or num_nonnulls(new.category, new.field) > 1 then
		raise exception 'no such rule' using errcode = 'PR024';
	end if;
	return new;
end $$;
drop trigger if exists checked on retention_rule;
create trigger checked before insert or update on retention_rule for each row execute function retention_rule_checked();

-- The day a rule counts from: a date or a moment of the record, by the name of the field. A
-- moment counts as its day in Hong Kong.
create or replace function retention_from(p_row jsonb, p_name text) returns date language sql stable set search_path = public as $$
	select case when x.text ~ '^\d{4}-\d{2}-\d{2}$' then x.text::date
		when x.text ~ '^\d{4}-\d{2}-\d{2}T' then (x.text::timestamptz at time zone 'Asia/Hong_Kong')::date end
	from (select p_row ->> coalesce((select f.column_name from field f where f.entity = 'contact' and f.name = p_name
		and not f.sealed), p_name) as text) x;
$$;

-- Each field that holds something and each record that is kept today or due: kept_until is the last
-- day on which it cannot be erased; due_since the first on which it is kept for too long. Where both
-- speak, the law does. A least period whose first day is not there yet has not begun. Once a person
-- is erased what was kept then stays kept, and no rule adds to it.
create or replace function retention_of(p_contact bigint)
returns table (what text, record_id bigint, kept_until date, due_since date, law text)
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
	return query with person as materialized (
		select c.contact_id, c.erased_at is null as here, to_jsonb(c) as data from contact c where c.contact_id = p_contact
	), thing as (
		select 'contact' as entity, 'field:' || f.name as what, null::bigint as record_id, f.name as field, f.category,
			p.data, k.until, k.law
		from person p
		join field f on p.here and f.entity = 'contact' and f.category <> 'none' and p.data ->> f.column_name is not null
		left join kept_field k on k.contact_id = p.contact_id and k.field = f.name
		union all
		select 'message', 'message', message_id, null, null,
			jsonb_build_object('happened_at', happened_at, 'created_at', created_at), kept_until, kept_law
		from message where contact_id = p_contact
		union all
		select 'activity', 'activity', activity_id, null, null,
			jsonb_build_object('happened_at', happened_at, 'created_at', created_at), kept_until, kept_law
		from activity where contact_id = p_contact
		union all
		select 'attachment', 'attachment', attachment_id, null, null, jsonb_build_object('created_at', created_at),
			kept_until, kept_law
		from attachment where contact_id = p_contact
		union all
		select 'invoice', x.what, x.id, null, null, null, x.keep_until, t.law
		from (select 'bill_to' as what, invoice_id as id, issued_on, keep_until
				from invoice where contact_id = p_contact and bill_to is not null
			union all
			select 'invoice_lines', l.invoice_line_id, i.issued_on, i.keep_until from invoice i
				join invoice_line l using (invoice_id) where i.contact_id = p_contact and l.description is not null) x
		left join lateral (select t.law from law_term t where t.code = 'business_records' and t.from_on <= x.issued_on
			order by t.from_on desc limit 1) t on true
	), ruled as (
		select t.*, r.law as rule_law,
			(coalesce(d.day, hk_today()) + make_interval(months => r.min_months))::date - 1 as least,
			(d.day + make_interval(months => r.max_months))::date + 1 as most
		from thing t
		cross join person p
		join retention_rule r on r.active and r.term is null and p.here and r.entity = t.entity
			and coalesce(r.field = t.field, true) and coalesce(r.category = t.category, true)
		cross join lateral (select retention_from(t.data, r.counts_from) as day) d
	), said as (
		select what, record_id, until as least, null::date as most, law from thing where until >= hk_today()
		union all
		select what, record_id, least, null, rule_law from ruled where least >= hk_today()
		union all
		select what, record_id, null, most, rule_law from ruled where most <= hk_today()
	)
	-- Of several laws the one that keeps it longest; of longest periods the one that ended first.
	select distinct on (s.what, s.record_id) s.what, s.record_id, s.least, s.most, s.law
	from said s order by s.what, s.record_id, s.least desc nulls last, s.most, s.law;
end $$;

-- Before an erasure: what is kept today is marked so, whatever becomes of the rules.
create or replace function retention_mark(p_contact bigint) returns void language plpgsql volatile set search_path = public as $$
declare
	r record;
begin
	-- Without a rule the marks stand as they are.
	if not exists (select from retention_rule where active and term is null) then
		return;
	end if;
	for r in select * from retention_of(p_contact) where kept_until is not null and what not in ('bill_to', 'invoice_lines') loop
		if r.what = 'message' then
			update message m set kept_until = r.kept_until, kept_law = r.law where m.message_id = r.record_id
				and (m.kept_until, m.kept_law) is distinct from (r.kept_until, r.law);
		elsif r.what = 'activity' then
			update activity a set kept_until = r.kept_until, kept_law = r.law where a.activity_id = r.record_id
				and (a.kept_until, a.kept_law) is distinct from (r.kept_until, r.law);
		elsif r.what = 'attachment' then
			update attachment f set kept_until = r.kept_until, kept_law = r.law where f.attachment_id = r.record_id
				and (f.kept_until, f.kept_law) is distinct from (r.kept_until, r.law);
		else
			insert into kept_field (contact_id, field, until, law)
			values (p_contact, substr(r.what, 7), r.kept_until, r.law)
			on conflict (contact_id, field) do update set until = excluded.until, law = excluded.law;
		end if;
	end loop;
end $$;

reset role;
