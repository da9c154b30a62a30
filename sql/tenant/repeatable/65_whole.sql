-- SPDX-License-Identifier: ISC
-- What an export of the whole workspace holds: every table and every column there is,
-- but for what is named here, with the reason. A table made later is in it at once; a
-- column of bytes has to say how it is read, or the export does not begin.
set role praya_owner;

-- col null: the whole table. way_in: secrets of signing in; passing: what lives for
-- minutes or days; derived: made anew of what is there.
create or replace function whole_left_out() returns table (tab text, col text, why text)
language sql immutable set search_path = public as $$
	values ('session', null, 'way_in'), ('sign_in_guard', null, 'way_in'), ('sign_in_link', null, 'way_in'),
		('passkey_challenge', null, 'way_in'), ('factor', null, 'way_in'), ('recovery_code', null, 'way_in'),
		('support_entry', null, 'way_in'), ('app_user', 'password_hash', 'way_in'), ('export', 'link', 'way_in'),
		('data_key', 'wrapped', 'way_in'), ('attachment', 'object_key', 'way_in'), ('attachment', 'object', 'derived'),
		('stored_query', null, 'passing'), ('reveal', null, 'passing'), ('replay', null, 'passing'),
		('job', null, 'passing'), ('job_secret', null, 'passing'), ('outbox', null, 'passing'),
		('download', null, 'passing'), ('export_record', null, 'passing'), ('import_failed', null, 'passing'),
		('chore', null, 'passing'), ('mail_tray', null, 'passing'), ('import', 'object', 'passing'), ('import', 'object_key', 'passing'),
		('import', 'header', 'passing'), ('import', 'key_id', 'passing'), ('export', 'query', 'passing'),
		('export', 'secret', 'passing'), ('erasure', 'needles', 'passing'), ('erasure', 'kept', 'passing'),
		('handover', null, 'way_in'), ('request_token', null, 'way_in'), ('request_file', 'object_key', 'way_in'), ('request_file', 'object', 'derived'),
		('letter', 'pdf', 'derived'), ('audit_mark', null, 'derived'), ('epoch', null, 'derived'),
		('schema_version', null, 'derived'), ('schema_repeatable', null, 'derived')
$$;

-- Encrypted columns beside those of the catalogue of fields: what binds a value to its place, as SQL over
-- row t, a '#' at its end for the number of its key. by: whose key it is, a data key's or the workspace's own.
create or replace function whole_sealed() returns table (tab text, col text, place text, by text)
language sql immutable set search_path = public as $$
	values ('invoice', 'bill_to', $q$'invoice.bill_to|' || t.invoice_id$q$, 'sealed'),
		('audit_event', 'changes', $q$'audit.changes|' || coalesce(t.subject_ids[1], 0)$q$, 'sealed'),
		('erasure_term', 'fields', $q$'erasure.kept|' || (select e.contact_id from erasure e where e.erasure_id = t.erasure_id)$q$, 'sealed'),
		('erasure_text', 'sealed', $q$'erasure.text|' || t.entity || '|' || t.record_id$q$, 'sealed'),
		('privacy_request', 'particulars', $q$'request.particulars|#'$q$, 'sealed'),
		('request_item', 'label', $q$'request.label|#'$q$, 'sealed'),
		('request_item', 'reason', $q$'request.reason|#'$q$, 'sealed'),
		('disclosure', 'recipient', $q$'disclosure.recipient|#'$q$, 'sealed'),
		('disclosure', 'purpose', $q$'disclosure.purpose|#'$q$, 'sealed'),
		('request_event', 'note', $q$'request.note|#'$q$, 'sealed'),
		('request_event', 'late_reason', $q$'request.note|#'$q$, 'sealed'),
		('incident', 'particulars', $q$'incident.particulars|#'$q$, 'sealed'),
		('incident_event', 'note', $q$case t.action when 'letters' then 'incident.letters|#' else 'incident.note|#' end$q$, 'sealed'),
		('takedown', 'particulars', $q$'takedown.particulars|#'$q$, 'sealed'),
		('takedown_item', 'evidence', $q$'takedown.evidence|#'$q$, 'sealed'),
		('letter', 'sealed', $q$'request.letter|#'$q$, 'sealed'),
		('request_alias', 'consent', $q$'request.consent|#'$q$, 'sealed'),
		('request_copy', 'sealed', $q$'request.copy|#'$q$, 'sealed'),
		('request_file', 'name', $q$'request.file_name|#'$q$, 'sealed'),
		('log_book', 'reasons', $q$'log_book|#'$q$, 'sealed'),
		('export', 'note', $q$'export.note|' || t.export_id$q$, 'workspace')
$$;

-- how: plain; sealed, workspace: opened; left: not in it; null: nobody said.
-- Of one table, or of all.
drop function if exists whole_columns();
create or replace function whole_columns(p_tab text default null)
returns table (tab text, col text, num integer, type text, how text, place text)
language sql stable set search_path = public as $$
	select c.relname::text, a.attname::text, a.attnum::integer, format_type(a.atttypid, a.atttypmod),
		case when a.attgenerated <> '' or l.why is not null or b.name is not null or r.oid is not null then 'left'
			when s.by is not null then s.by
			when f.name is not null then 'sealed'
			when a.atttypid <> 'bytea'::regtype or (c.relname, a.attname) in (('app_user', 'email_key'),
				('message', 'mail_key'), ('exposure', 'digest'), ('suppression', 'digest'), ('request_alias', 'digest'), ('takedown_item', 'digest'), ('attachment', 'sha256'), ('request_file', 'sha256'), ('audit_seal', 'digest'),
				('audit_seal', 'head'), ('audit_seal', 'signature')) then 'plain' end,
		coalesce(s.place, case when f.name is not null then
			format('%L || t.%I', f.entity || '.' || f.column_name || '|', f.entity || '_id') end)
	from pg_class c
	join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
	left join whole_left_out() l on l.tab = c.relname and l.col = a.attname
	left join whole_sealed() s on s.tab = c.relname and s.col = a.attname
	left join field f on f.sealed and f.entity = c.relname and f.column_name = a.attname
	left join field b on b.entity = c.relname and b.column_name || '_bi' = a.attname
	-- A reference to what is not there.
	left join pg_constraint r on r.contype = 'f' and r.conrelid = c.oid and r.conkey = array[a.attnum]
		and exists (select from whole_left_out() x where x.col is null and x.tab = r.confrelid::regclass::text)
	where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
		and (p_tab is null or c.relname = p_tab)
		and not exists (select from whole_left_out() x where x.col is null and x.tab = c.relname)
$$;

-- With what stands in the database about them, and about how much it is.
create or replace function whole_tables() returns table (tab text, says text, bytes bigint)
language sql stable set search_path = public as $$
	select c.relname::text, obj_description(c.oid, 'pg_class'),
		(select coalesce(sum(pg_table_size(p.relid)), 0)::bigint from pg_partition_tree(c.oid) p where p.isleaf)
			+ case when c.relkind = 'r' then pg_table_size(c.oid) else 0 end
	from pg_class c
	where c.relnamespace = 'public'::regnamespace and c.relname in (select x.tab from whole_columns() x)
	order by c.relname
$$;

-- How many rows that will be: how far a reading is.
create or replace function whole_rows(p_tab text) returns bigint
language plpgsql stable set search_path = public as $$
declare
	n bigint;
begin
	execute format('select count(*) from %I', p_tab) into n;
	return n;
end $$;
comment on function whole_rows(text) is 'How many rows of a table an export of everything reads';

-- Reading a table from its first row to its last, in the transaction's snapshot. A key of what is
-- left out is no use to anybody.
create or replace function whole_open(p_tab text) returns void
language plpgsql stable set search_path = public as $$
declare
	c refcursor := 'whole';
	plain text;
	sealed text;
	places text;
	key text;
begin
	select string_agg(format('t.%I', col), ', ' order by num) filter (where how = 'plain'),
		string_agg(format('coalesce(encode(t.%I, ''hex''), '''')', col), ', ' order by num) filter (where how in ('sealed', 'workspace')),
		string_agg(format('coalesce(%s, '''')', x.place), ', ' order by num) filter (where how in ('sealed', 'workspace'))
	into plain, sealed, places from whole_columns(p_tab) x;
	if plain is null then
		raise exception 'no such table' using errcode = '42P01';
	end if;
	select string_agg(format('t.%I', a.attname), ', ' order by k.n) into key
	from pg_index i cross join unnest(i.indkey::smallint[]) with ordinality k (num, n)
	join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num
	where i.indrelid = p_tab::regclass and i.indisprimary;
	open c for execute format('select (select row_to_json(x)::text from (select %s) x), array[%s]::text[], array[%s]::text[] '
		'from %I t where %s order by %s', plain, sealed, places, p_tab,
		case p_tab when 'data_key' then 'purpose not in (''mail'', ''factor'', ''import'', ''export'')' else 'true' end, key);
end $$;

-- Fewer than asked for: that was the end.
create or replace function whole_next(p_n integer) returns table (line text, sealed text[], places text[])
language plpgsql volatile set search_path = public as $$
declare
	c refcursor := 'whole';
begin
	for i in 1..p_n loop
		fetch c into line, sealed, places;
		if not found then
			close c;
			return;
		end if;
		return next;
	end loop;
end $$;

-- The way back, into a workspace that nobody has opened yet. What a transaction says of itself (generation,
-- xid) is not taken over: the chain over the log begins anew.
-- The name comes from whoever made the file, and a superuser writes: nothing but what an export holds.
-- Asked once a table and session: to go through all columns takes longer than to put in some rows.
create or replace function whole_known(p_tab text) returns void
language plpgsql volatile set search_path = public as $$
declare
	known text := coalesce(nullif(current_setting('praya.whole_known', true), ''), ',');
begin
	if p_tab ~ '^[a-z0-9_]+$' and strpos(known, ',' || p_tab || ',') > 0 then
		return;
	end if;
	if not exists (select from whole_columns(p_tab)) then
		raise exception 'not a table of an export' using errcode = '42P01';
	end if;
	perform set_config('praya.whole_known', known || p_tab || ',', false);
end $$;

create or replace function whole_places(p_tab text, p_rows jsonb) returns table (places text[])
language plpgsql volatile set search_path = public as $$
declare
	kept text := coalesce(current_setting('praya.whole_places', true), '');
	list text;
begin
	perform whole_known(p_tab);
	if starts_with(kept, p_tab || ':') then
		list := substr(kept, length(p_tab) + 2);
	else
		select string_agg(format('coalesce(%s, '''')', x.place), ', ' order by num) into list
		from whole_columns(p_tab) x where x.how in ('sealed', 'workspace');
		perform set_config('praya.whole_places', p_tab || ':' || list, false);
	end if;
	return query execute format('select array[%s]::text[] from jsonb_populate_recordset(null::%I, $1) t', list, p_tab)
		using p_rows;
end $$;

create or replace function whole_put(p_tab text, p_rows jsonb) returns bigint
language plpgsql volatile set search_path = public as $$
declare
	list text;
	n bigint;
begin
	perform whole_known(p_tab);
	if p_tab = 'audit_event' then
		perform audit_ensure_month(m) from (select distinct date_trunc('month', (r->>'at')::timestamptz) + interval '15 days' as m
			from jsonb_array_elements(p_rows) r) x;
	end if;
	select string_agg(format('%I', a.attname), ', ' order by a.attnum) into list
	from pg_attribute a
	where a.attrelid = p_tab::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
		and p_rows->0 ? a.attname::text and (p_tab <> 'audit_event' or a.attname not in ('generation', 'xid'));
	execute format('insert into %1$I (%2$s) overriding system value select %2$s from jsonb_populate_recordset(null::%1$I, $1)',
		p_tab, list) using p_rows;
	get diagnostics n = row_count;
	return n;
end $$;

-- What a new workspace comes with goes; so does what an import that was cut off had brought.
create or replace function whole_clear() returns void
language plpgsql volatile set search_path = public as $$
declare
	t text;
begin
	for t in select distinct tab from whole_columns() loop
		execute format('delete from %I', t);
	end loop;
end $$;

-- Rows come in several times as fast where they are indexed afterwards. What has to be made again is
-- written down first, so that a call after one that was cut off finds it.
create or replace function whole_indexes_off() returns void
language plpgsql volatile set search_path = public as $$
declare
	x record;
begin
	create table if not exists praya_sys.whole_index (name text primary key, made text not null);
	for x in select c.relname as name, pg_get_indexdef(i.indexrelid) as made
		from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
		where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and not t.relispartition and not i.indisunique
			and not exists (select from pg_constraint k where k.conindid = i.indexrelid) loop
		insert into praya_sys.whole_index values (x.name, x.made) on conflict do nothing;
		execute format('drop index %I', x.name);
	end loop;
end $$;

create or replace function whole_indexes_on() returns void
language plpgsql volatile set search_path = public as $$
declare
	x record;
begin
	for x in select name, made from praya_sys.whole_index order by name loop
		if to_regclass(format('%I', x.name)) is null then
			execute x.made;
		end if;
	end loop;
	drop table praya_sys.whole_index;
end $$;

-- New numbers go on behind those that came.
create or replace function whole_count_on() returns void
language plpgsql volatile set search_path = public as $$
declare
	x record;
begin
	for x in select c.relname, a.attname, pg_get_serial_sequence(c.relname, a.attname) as seq
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> ''
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition loop
		execute format('select setval(%L, coalesce(max(%I), 0) + 1, false) from %I', x.seq, x.attname, x.relname);
	end loop;
end $$;
revoke all on function whole_put(text, jsonb), whole_clear(), whole_count_on(), whole_indexes_off(), whole_indexes_on() from public;

reset role;
