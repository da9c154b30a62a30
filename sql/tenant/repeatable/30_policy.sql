-- SPDX-License-Identifier: ISC
-- Who sees which row. A setting that is missing is the strict one: no row.
-- (select current_setting(..)) is evaluated once a query, not once a row.
set role praya_owner;

do $$
declare
	t text;
begin
	foreach t in array array['contact', 'company', 'activity', 'message', 'attachment', 'invoice',
		'invoice_line', 'data_key', 'kept_field', 'erasure', 'erasure_term', 'audit_event', 'audit_seen', 'download',
		'reveal', 'replay', 'import', 'import_failed', 'stored_query', 'job_secret', 'outbox']
	loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
	end loop;
	-- Records with an owner and a team.
	foreach t in array array['contact', 'company'] loop
		execute format('drop policy if exists visible on %I', t);
		-- A CASE is taken to let half of the rows through; the same as an OR of
		-- comparisons one in a hundred, and lists would be sorted from scratch.
		execute format($p$create policy visible on %1$I to praya_tenant using (
			case (select current_setting('praya.%1$s', true))
			when 'all' then true
			when 'own' then owner_id = (select nullif(current_setting('praya.user_id', true), '')::bigint)
			when 'team' then owner_id = (select nullif(current_setting('praya.user_id', true), '')::bigint)
				or team_id = (select nullif(current_setting('praya.team_id', true), '')::bigint)
			else false end)$p$, t);
	end loop;
	-- Children: their own right, and a contact that is visible.
	foreach t in array array['activity', 'message', 'attachment', 'invoice'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			(select current_setting('praya.%1$s', true)) <> ''
			and ((select current_setting('praya.contact', true)) = 'all'
				or exists (select from contact c where c.contact_id = %1$I.contact_id)))$p$, t);
	end loop;
end $$;

drop policy if exists visible on invoice_line;
create policy visible on invoice_line to praya_tenant using (
	exists (select from invoice i where i.invoice_id = invoice_line.invoice_id));
-- A person's key follows the person; keys of a purpose follow whoever is let in;
-- that of a mail, which somebody causes who is not signed in, whoever came through the gate.
drop policy if exists visible on data_key;
create policy visible on data_key to praya_tenant using (
	(select coalesce(current_setting('praya.user_id', true), '')) <> ''
	or (select current_setting('praya.actor_kind', true)) in ('worker', 'cli')
	or (purpose = 'mail' and (select coalesce(current_setting('praya.actor_kind', true), '')) <> ''));
drop policy if exists visible on kept_field;
create policy visible on kept_field to praya_tenant using (
	exists (select from contact c where c.contact_id = kept_field.contact_id));
drop policy if exists visible on erasure;
create policy visible on erasure to praya_tenant using (
	exists (select from contact c where c.contact_id = erasure.contact_id));
drop policy if exists visible on erasure_term;
create policy visible on erasure_term to praya_tenant using (
	exists (select from erasure e where e.erasure_id = erasure_term.erasure_id));
-- What goes with requests and may be about a person.
do $$
declare
	t text;
begin
	foreach t in array array['download', 'reveal', 'replay'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			(select coalesce(current_setting('praya.actor_kind', true), '')) <> ''
			and (contact_id is null or exists (select from contact c where c.contact_id = %1$I.contact_id)))$p$, t);
	end loop;
end $$;
-- Sealed, and handed out by the routes' own rules; but to nobody who did not come through the gate.
do $$
declare
	t text;
begin
	foreach t in array array['import', 'import_failed', 'stored_query', 'job_secret', 'outbox'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format($p$create policy visible on %1$I to praya_tenant using (
			(select coalesce(current_setting('praya.actor_kind', true), '')) <> '')$p$, t);
	end loop;
end $$;
-- The log: anyone who came through the gate adds to it. Who may read which of
-- it is the right of the route; actor_kind unset means nobody.
drop policy if exists adds on audit_event;
create policy adds on audit_event for insert to praya_tenant with check (
	(select current_setting('praya.actor_kind', true)) <> '');
drop policy if exists reads on audit_event;
create policy reads on audit_event for select to praya_tenant using (
	(select current_setting('praya.actor_kind', true)) in ('user', 'worker', 'cli'));
drop policy if exists reads on audit_seen;
create policy reads on audit_seen for select to praya_tenant using (
	(select current_setting('praya.actor_kind', true)) in ('user', 'worker', 'cli'));
-- The owner's functions (audit_index, audit_ensure_month) work on the log too.
drop policy if exists owner on audit_event;
create policy owner on audit_event to praya_owner using (true) with check (true);
drop policy if exists owner on audit_seen;
create policy owner on audit_seen to praya_owner using (true) with check (true);

reset role;
