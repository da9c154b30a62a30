-- SPDX-License-Identifier: ISC
-- What belongs to somebody who leaves goes to a colleague: contacts, companies and open
-- tasks, all of them, also those that whoever sees to it may not see. Only that they
-- change hands is told, and how many they are.
set role praya_owner;

-- What gate_widen() sets, to be put back.
create or replace function gate_width() returns text[] language sql stable as $$
	select array_agg(current_setting(n, true) order by n) from unnest(array['praya.contact', 'praya.company',
		'praya.activity', 'praya.message', 'praya.attachment', 'praya.invoice', 'praya.vip', 'praya.wide']) n;
$$;

create or replace function gate_width_again(p_was text[]) returns void language plpgsql volatile as $$
begin
	perform set_config(n, coalesce(p_was[i], ''), true)
	from (select n, row_number() over (order by n) as i from unnest(array['praya.contact', 'praya.company',
		'praya.activity', 'praya.message', 'praya.attachment', 'praya.invoice', 'praya.vip', 'praya.wide']) n) s;
end $$;

create or replace function owned_count(p_user bigint) returns table (entity text, n bigint)
language plpgsql volatile set search_path = public as $$
declare
	was text[] := gate_width();
begin
	perform gate_widen();
	return query select 'contact', count(*) from contact where owner_id = p_user
		union all select 'company', count(*) from company where owner_id = p_user
		union all select 'activity', count(*) from activity where owner_id = p_user and kind = 'task'
			and done_at is null;
	perform gate_width_again(was);
end $$;

-- Events of a thousand records each.
create or replace function changed_hands(p_entity text, p_field text, p_reason text, p_ids bigint[], p_subjects bigint[])
returns void language sql volatile set search_path = public as $$
	insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, reason, count)
	select 'update', p_entity, array_agg(i.id), array_agg(distinct i.subject) filter (where i.subject is not null),
		field_set_of(p_entity, array[p_field]), p_reason, count(*)
	from unnest(p_ids, p_subjects) with ordinality i (id, subject, k) group by (i.k - 1) / 1000;
$$;

-- p_most: of all kinds together so many at most, null: all there are.
drop function if exists hand_over(bigint, bigint);
create or replace function hand_over(p_from bigint, p_to bigint, p_most bigint default null)
returns table (entity text, n bigint) language plpgsql volatile set search_path = public as $$
declare
	was text[] := gate_width();
	left_over bigint := p_most;
	ids bigint[];
	subjects bigint[];
begin
	perform gate_widen();
	with o as materialized (select contact_id from contact where owner_id = p_from limit left_over),
		c as (update contact set owner_id = p_to, version = version + 1, updated_at = now()
		from o where contact.contact_id = o.contact_id and owner_id = p_from returning contact.contact_id)
	select array_agg(contact_id order by contact_id) into ids from c;
	perform changed_hands('contact', 'owner_id', 'handed_over', ids, ids);
	entity := 'contact'; n := coalesce(cardinality(ids), 0); left_over := left_over - n; return next;
	with o as materialized (select company_id from company where owner_id = p_from limit left_over),
		c as (update company set owner_id = p_to, version = version + 1, updated_at = now()
		from o where company.company_id = o.company_id and owner_id = p_from returning company.company_id)
	select array_agg(company_id order by company_id) into ids from c;
	perform changed_hands('company', 'owner_id', 'handed_over', ids, null);
	entity := 'company'; n := coalesce(cardinality(ids), 0); left_over := left_over - n; return next;
	with o as materialized (select activity_id from activity where owner_id = p_from and kind = 'task'
			and done_at is null limit left_over),
		a as (update activity set owner_id = p_to, version = version + 1, updated_at = now()
		from o where activity.activity_id = o.activity_id and owner_id = p_from and done_at is null
		returning activity.activity_id, contact_id)
	select array_agg(activity_id order by activity_id), array_agg(contact_id order by activity_id)
	into ids, subjects from a;
	perform changed_hands('activity', 'owner_id', 'handed_over', ids, subjects);
	entity := 'activity'; n := coalesce(cardinality(ids), 0); return next;
	perform gate_width_again(was);
end $$;

-- A team's records become another team's, or nobody's.
create or replace function team_records(p_from bigint, p_to bigint) returns table (entity text, n bigint)
language plpgsql volatile set search_path = public as $$
declare
	was text[] := gate_width();
	ids bigint[];
begin
	perform gate_widen();
	with c as (update contact set team_id = p_to, version = version + 1, updated_at = now()
		where team_id = p_from returning contact_id)
	select array_agg(contact_id order by contact_id) into ids from c;
	perform changed_hands('contact', 'team_id', 'team_removed', ids, ids);
	entity := 'contact'; n := coalesce(cardinality(ids), 0); return next;
	with c as (update company set team_id = p_to, version = version + 1, updated_at = now()
		where team_id = p_from returning company_id)
	select array_agg(company_id order by company_id) into ids from c;
	perform changed_hands('company', 'team_id', 'team_removed', ids, null);
	entity := 'company'; n := coalesce(cardinality(ids), 0); return next;
	perform gate_width_again(was);
end $$;

reset role;
