-- SPDX-License-Identifier: ISC
-- Who sees which row. A setting that is missing is the strict one: no row.
-- (select current_setting(..)) is evaluated once a query, not once a row.
--
-- What is seen is what can be written: a row that a user adds or changes must be
-- visible to that user afterwards, and so must the person it hangs on.
--
-- The settings are of repeatable/10_gate.sql: praya.contact, praya.company, ... are
-- the view scopes, praya.vip is 1 for whoever sees VIP records like any other,
-- praya.wide is 1 for the worker, the commands and an erasure: everything,
-- private notes, too.
set role praya_owner;

do $$
declare
	t text;
begin
	foreach t in array array['contact', 'company', 'activity', 'message', 'attachment', 'invoice',
		'invoice_line', 'data_key', 'kept_field', 'erasure', 'erasure_term', 'erasure_text', 'audit_event',
		'audit_day', 'download',
		'reveal', 'replay', 'record_share', 'activity_reader', 'import', 'import_failed', 'stored_query',
		'job_secret', 'outbox', 'export', 'export_record']
	loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
	end loop;
end $$;

-- What is shared with the one who asks, and the VIP contacts that are withheld from
-- whoever's scope is all. The views read as their owner, past the policies that
-- read them: they tell numbers of records, and only of the one who asks.
drop policy if exists owner on record_share;
create policy owner on record_share for select to praya_owner using (true);
drop policy if exists owner on contact;
create policy owner on contact for select to praya_owner using (true);
drop policy if exists owner on company;
create policy owner on company for select to praya_owner using (true);
create or replace view shared_with_me as
	select s.entity, s.record_id, s.level from record_share s
	where s.user_id = (select nullif(current_setting('praya.user_id', true), '')::bigint)
		or s.team_id = (select nullif(current_setting('praya.team_id', true), '')::bigint);
comment on view shared_with_me is 'Records that are shared with the one who asks';
-- Records that may be one's own, the team's or shared: where a list begins to look
-- for what is visible, or hangs on what is; the policies are still to be passed.
create or replace view record_near as
	select 'contact' as entity, contact_id as record_id, 'own' as how from contact
		where owner_id = (select nullif(current_setting('praya.user_id', true), '')::bigint)
	union all
	select 'contact', contact_id, 'team' from contact
		where team_id = (select nullif(current_setting('praya.team_id', true), '')::bigint)
	union all
	select 'company', company_id, 'own' from company
		where owner_id = (select nullif(current_setting('praya.user_id', true), '')::bigint)
	union all
	select 'company', company_id, 'team' from company
		where team_id = (select nullif(current_setting('praya.team_id', true), '')::bigint)
	union all
	select entity, record_id, 'shared' from shared_with_me;
comment on view record_near is 'Records that are one''s own, the team''s or shared with one';
-- They are few: to look for what is not visible costs less than to look for what is.
create or replace view contact_withheld as
	select c.contact_id from contact c
	where c.vip
		and c.owner_id is distinct from (select nullif(current_setting('praya.user_id', true), '')::bigint)
		and not exists (select from shared_with_me s where s.entity = 'contact' and s.record_id = c.contact_id);
comment on view contact_withheld is 'VIP contacts that a scope of all does not show to the one who asks';

do $$
declare
	wide text := $q$(select current_setting('praya.wide', true) = '1')$q$;
	me text := $q$(select nullif(current_setting('praya.user_id', true), '')::bigint)$q$;
	team text := $q$(select nullif(current_setting('praya.team_id', true), '')::bigint)$q$;
	vip text := $q$(select current_setting('praya.vip', true) = '1')$q$;
	shared text;
	child text;
	private text;
	-- Whoever looks as another does not read that one's private notes.
	own text := $q$(select coalesce(current_setting('praya.viewer', true), '') = '')$q$;
	t text;
begin
	-- Records with an owner and a team.
	foreach t in array array['contact', 'company'] loop
		shared := format('exists (select from shared_with_me s where s.entity = %1$L and s.record_id = %1$I.%2$I)',
			t, t || '_id');
		execute format('drop policy if exists visible on %I', t);
		-- A CASE is taken to let half of the rows through; the same as an OR of
		-- comparisons one in a hundred, and lists would be sorted from scratch.
		execute format($p$create policy visible on %1$I to praya_tenant using (
			(select current_setting('praya.%1$s', true)) <> '' and (
			owner_id = %3$s
			or (not vip or %2$s) and case (select current_setting('praya.%1$s', true))
				when 'all' then true when 'team' then team_id = %4$s else false end
			or %5$s))$p$, t, vip, me, team, shared);
	end loop;
	-- Children: their contact is visible, and they are within their own scope. One's
	-- own is what one wrote or has to do, and what came by itself to one's own
	-- contact; the team's is that, and what hangs on contacts that a scope of team shows.
	-- A private note is its author's, and of those the author names: nobody else's,
	-- whatever their profile is. Its files go with it. What was taken down
	-- (49_takedown.sql) nobody sees.
	foreach t in array array['activity', 'message', 'attachment', 'invoice'] loop
		child := format('%1$I.created_by = %2$s or (%1$I.created_by is null and c.owner_id = %2$s)', t, me);
		if t = 'activity' then
			child := child || format(' or %I.owner_id = %s', t, me);
		end if;
		private := case t when 'activity' then format('(withheld_at is null or %3$s) and (private_to is null or (%4$s and (created_by = %1$s
			or (private_to = ''team'' and private_team_id = %2$s)
			or (private_to = ''people'' and exists (select from activity_reader x
				where x.activity_id = activity.activity_id and x.user_id = %1$s)))) or %3$s) and ',
			me, team, wide, own)
		when 'message' then format('(withheld_at is null or %s) and ', wide)
		when 'attachment' then format('(withheld_at is null or %s) and (activity_id is null or exists (select from
			activity v where v.activity_id = attachment.activity_id)) and ', wide) else '' end;
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			(select current_setting('praya.%1$s', true)) <> '' and %6$s
			case when (select current_setting('praya.%1$s', true) = 'all' and current_setting('praya.contact', true) = 'all')
			then %2$s or not exists (select from contact_withheld w where w.contact_id = %1$I.contact_id)
			else exists (select from contact c where c.contact_id = %1$I.contact_id and
				case (select current_setting('praya.%1$s', true))
				when 'own' then %5$s
				when 'team' then c.owner_id = %3$s or c.team_id = %4$s or %5$s
					or (select current_setting('praya.contact', true) <> 'all')
				else true end) end)$p$, t, vip, me, team, child, private);
	end loop;
	-- The list of those a record is shared with goes with the record.
	drop policy if exists visible on record_share;
	create policy visible on record_share to praya_tenant using (
		case entity
		when 'contact' then exists (select from contact c where c.contact_id = record_share.record_id)
		else exists (select from company c where c.company_id = record_share.record_id) end);
	-- Only a private note's author sees who else reads it, and says so.
	drop policy if exists visible on activity_reader;
	execute format('create policy visible on activity_reader to praya_tenant using (
		user_id = %1$s or author_id = %1$s or %2$s) with check (author_id = %1$s or %2$s)', me, wide);

	drop policy if exists visible on invoice_line;
	create policy visible on invoice_line to praya_tenant using (
		exists (select from invoice i where i.invoice_id = invoice_line.invoice_id));
	-- A person's key follows the person, and is made before; keys of a purpose follow
	-- whoever is let in; those of mails and of second steps, which are needed before
	-- anybody is signed in, whoever came through the gate.
	drop policy if exists visible on data_key;
	execute format($p$create policy visible on data_key to praya_tenant using (
		%1$s
		or (purpose in ('mail', 'factor') and (select coalesce(current_setting('praya.actor_kind', true), '')) <> '')
		or ((select coalesce(current_setting('praya.user_id', true), '') || coalesce(current_setting('praya.grant_id', true), '')) <> ''
			and (contact_id is null or exists (select from contact c where c.contact_id = data_key.contact_id))))
		with check (%1$s
		or (purpose in ('mail', 'factor') and (select coalesce(current_setting('praya.actor_kind', true), '')) <> '')
		or (select coalesce(current_setting('praya.user_id', true), '') || coalesce(current_setting('praya.grant_id', true), '')) <> '')$p$, wide);
	-- Whoever sees everything is not sent through all contacts for it.
	foreach t in array array['kept_field', 'erasure'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			%2$s or exists (select from contact c where c.contact_id = %1$I.contact_id))$p$, t, wide);
	end loop;
	foreach t in array array['erasure_term', 'erasure_text'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			exists (select from erasure e where e.erasure_id = %1$I.erasure_id))$p$, t);
	end loop;
	-- What goes with requests and may be about a person.
	foreach t in array array['download', 'reveal', 'replay'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			%2$s or (select coalesce(current_setting('praya.actor_kind', true), '')) <> ''
			and (contact_id is null or exists (select from contact c where c.contact_id = %1$I.contact_id)))$p$, t, wide);
	end loop;
	-- One's own searches and files of records taken in.
	drop policy if exists visible on stored_query;
	execute format($p$create policy visible on stored_query to praya_tenant using (user_id = %s
		or grant_id = (select nullif(current_setting('praya.grant_id', true), '')::bigint) or %s)$p$, me, wide);
	drop policy if exists visible on import;
	execute format('create policy visible on import to praya_tenant using (created_by = %s or %s)', me, wide);
	-- One's own exports, and everybody's for whoever approves them.
	drop policy if exists visible on export;
	execute format($p$create policy visible on export to praya_tenant using (created_by = %1$s or %2$s
		or (select exists (select from app_user u join profile_right r using (profile_id)
			where u.user_id = %1$s and u.active and r.entity = '' and r."right" = 'approve_exports')))$p$, me, wide);
	-- Sealed or numbers only, and handed out by the routes' own rules; but to nobody who did not come through the gate.
	foreach t in array array['import_failed', 'job_secret', 'outbox', 'export_record'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			(select coalesce(current_setting('praya.actor_kind', true), '')) <> '')$p$, t);
	end loop;
end $$;

-- Those of an event's records, or people, that the one who asks sees, in their order. A
-- statement for each kind, planned once a connection: all of them in one would be planned,
-- and made ready, for every event.
create or replace function visible_ids(p_entity text, p_ids bigint[]) returns bigint[]
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	if p_entity = 'contact' then
		return array(select i.id from unnest(p_ids) with ordinality i (id, n)
			where exists (select from contact c where c.contact_id = i.id) order by i.n);
	elsif p_entity = 'company' then
		return array(select i.id from unnest(p_ids) with ordinality i (id, n)
			where exists (select from company c where c.company_id = i.id) order by i.n);
	elsif p_entity = 'activity' then
		return array(select i.id from unnest(p_ids) with ordinality i (id, n)
			where exists (select from activity c where c.activity_id = i.id) order by i.n);
	elsif p_entity = 'message' then
		return array(select i.id from unnest(p_ids) with ordinality i (id, n)
			where exists (select from message c where c.message_id = i.id) order by i.n);
	elsif p_entity = 'attachment' then
		return array(select i.id from unnest(p_ids) with ordinality i (id, n)
			where exists (select from attachment c where c.attachment_id = i.id) order by i.n);
	elsif p_entity = 'invoice' then
		return array(select i.id from unnest(p_ids) with ordinality i (id, n)
			where exists (select from invoice c where c.invoice_id = i.id) order by i.n);
	end if;
	return p_ids;
end
$$;

-- A receipt of an erasure, of the remains it lists only what is visible.
create or replace function visible_receipt(p jsonb) returns jsonb
language sql stable set search_path = public as $$
	select case when p ? 'remains' then p || jsonb_build_object('remains',
		coalesce((select jsonb_agg(x order by n) from jsonb_array_elements(p->'remains') with ordinality r (x, n)
			where visible_ids(x->>'entity', array[(x->>'id')::bigint]) <> '{}'), '[]')) else p end
$$;

-- May the one who asks read all of the log? Asked of the session, so a token's scope
-- counts; of a job, of the user it works for.
create or replace function audit_all() returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return coalesce(current_setting('praya.wide', true), '') = '1' or exists (select from session s
		join app_user u using (user_id) join profile_right r using (profile_id)
		where s.session_id = nullif(current_setting('praya.session_id', true), '')::bigint
			and r.entity = '' and r."right" = 'view_audit' and (s.scope is null or '.view_audit' = any (s.scope)))
		or current_setting('praya.actor_kind', true) = 'worker' and exists (select from app_user u
		join profile_right r using (profile_id)
		where u.user_id = nullif(current_setting('praya.user_id', true), '')::bigint and u.active
			and r.entity = '' and r."right" = 'view_audit');
end $$;

-- Is one of these records taken down (49_takedown.sql)? The log shows no value of it then.
create or replace function withheld(p_entity text, p_ids bigint[]) returns boolean
language plpgsql stable security definer set search_path = public as $$
begin
	return case p_entity
		when 'message' then exists (select from message where message_id = any (p_ids) and withheld_at is not null)
		when 'activity' then exists (select from activity where activity_id = any (p_ids) and withheld_at is not null)
		when 'attachment' then exists (select from attachment where attachment_id = any (p_ids) and withheld_at is not null)
		else false end;
end $$;
-- Whoever runs requests still has to answer who saw it: its events stay, but for private notes.
create or replace function withheld_told(p_entity text, p_ids bigint[]) returns boolean
language plpgsql stable security definer set search_path = public as $$
begin
	return withheld(p_entity, p_ids) and requests_all() and not (p_entity = 'activity' and exists (select from activity
		where activity_id = any (p_ids) and private_to is not null));
end $$;

-- The log: anyone who came through the gate adds to it. Of it one reads what is about
-- records one sees, and what is about none: all of it with the right to read the log, else
-- what one did oneself. Outside of the log's own pages a record tells who changed it, and
-- a grant of support access what was seen inside it, to whoever sees the record.
do $$
declare
	wide text := $q$(select current_setting('praya.wide', true) = '1')$q$;
	every text := $q$(select current_setting('praya.contact', true) = 'all' and current_setting('praya.vip', true) = '1')$q$;
	kind text := $q$(select current_setting('praya.actor_kind', true))$q$;
	mine text := $q$((select audit_all()) or actor_id = (select nullif(current_setting('praya.user_id', true), '')::bigint))$q$;
	told text := $q$((select current_setting('praya.route', true) !~ '^audit[.]') and (grant_id is not null or record_ids is not null
		and action not in ('view', 'list', 'search')))$q$;
	records text := '';
	t text;
begin
	foreach t in array array['contact', 'company', 'activity', 'message', 'attachment', 'invoice'] loop
		records := records || format(' when %1$L then %3$sexists (select from %1$I r where r.%2$I = any (record_ids))%4$s',
			t, t || '_id', case t when 'contact' then every || ' or ' else '' end,
			case when t in ('message', 'activity', 'attachment') then format(' or withheld_told(%L, record_ids)', t) else '' end);
	end loop;
	drop policy if exists adds on audit_event;
	execute format('create policy adds on audit_event for insert to praya_tenant with check (%s <> '''')', kind);
	drop policy if exists reads on audit_event;
	execute format($p$create policy reads on audit_event for select to praya_tenant using (
		%1$s or (%2$s in ('user', 'worker') and (%5$s or %6$s)
		and (subject_ids is null or %3$s or exists (select from contact c where c.contact_id = any (subject_ids)))
		and (record_ids is null or case entity %4$s else true end)))$p$, wide, kind, every, records, mine, told);
end $$;
-- The counts of days are about no record.
drop policy if exists reads on audit_day;
create policy reads on audit_day for select to praya_tenant using ((select audit_all())
	or actor_id = (select nullif(current_setting('praya.user_id', true), '')::bigint));
drop policy if exists owner on audit_day;
create policy owner on audit_day to praya_owner using (true) with check (true);
-- The owner's functions (audit_index, audit_ensure_month) work on the log too.
drop policy if exists owner on audit_event;
create policy owner on audit_event to praya_owner using (true) with check (true);

reset role;
