-- SPDX-License-Identifier: ISC
--
-- Rows for every table of a workspace that has none yet, whatever its columns:
-- enough that the planner wants an index, made by a superuser without triggers.
--
-- One row of 2,000, and row 7 in any case, holds what is rare: the last word of a
-- choice, true where false is the rule, false where neither is. One row of twenty
-- has what need not be there; row 7 has all, but is neither archived nor erased.
-- Texts differ in each row.
set session_replication_role = replica;

-- A workspace has few of these.
create function pg_temp.rows_of(p_table text) returns bigint language sql as $$
	select case p_table when 'team' then 100 when 'app_user' then 400 when 'factor' then 400 when 'field_set' then 300
		when 'session' then 1000 when 'sign_in_link' then 500 when 'letter_template' then 50
		when 'closing' then 20 when 'retention_rule' then 50 else 20000 end
$$;

-- Is there something in it?
create function pg_temp.filled(p_table regclass) returns boolean language plpgsql as $$
declare
	yes boolean;
begin
	execute format('select exists (select from %s)', p_table) into yes;
	return yes;
end $$;

-- The words a column is held to: by a check, or by the catalogue of fields.
create function pg_temp.words_of(p_table regclass, p_column pg_attribute) returns text[]
language sql as $$
	select coalesce(
		-- Most work is done.
		case when p_table || '.' || p_column.attname in ('job.state', 'import.state')
			then array_fill('done'::text, array[20]) || array['failed', 'running', 'queued']
			-- Everything is taken out once in a while.
			when p_table || '.' || p_column.attname = 'export.kind'
			then array_fill('list'::text, array[20]) || array['log', 'person', 'workspace'] end,
		(select array_agg(m[1]) from pg_constraint k, regexp_matches(pg_get_constraintdef(k.oid),
			'''([^'']+)''::text', 'g') m
			where k.conrelid = p_table and k.contype = 'c' and k.conkey = array[p_column.attnum]
				and pg_get_constraintdef(k.oid) ~ 'ANY'),
		(select array_agg(x->>'value') from field f, jsonb_array_elements(f.choices) x
			where f.entity = p_table::text and f.column_name = p_column.attname),
		case p_table || '.' || p_column.attname
		when 'audit_event.action' then array['view', 'list', 'search', 'view', 'update', 'reveal']
		when 'audit_event.outcome' then array['ok', 'denied']
		when 'audit_event.entity' then array['contact', 'company', 'message', 'invoice']
		when 'audit_event.actor_kind' then array['user', 'worker'] end)
$$;

-- The table a column refers to, by a reference or by its name.
create function pg_temp.target_of(p_table regclass, p_column pg_attribute) returns regclass
language sql as $$
	select coalesce(
		(select k.confrelid::regclass from pg_constraint k where k.conrelid = p_table
			and k.contype = 'f' and k.conkey = array[p_column.attnum]),
		(select c.oid::regclass from pg_class c
			where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.oid <> p_table
				and c.relname || '_id' = p_column.attname))
$$;

-- Expressions of i, the number of the row; which rows it is differs by column.
create function pg_temp.one_of(p_many integer, p_column pg_attribute) returns text
language sql as $$
	select case when p_column.attname in ('archived_at', 'erased_at', 'withheld_at') then
			format('(i <> 7 and (hashint8(i * 31 + %s) & 2147483647) %% %s = 0)', p_column.attnum, p_many)
		else format('(i = 7 or (hashint8(i * 31 + %s) & 2147483647) %% %s = 0)', p_column.attnum, p_many) end
$$;

create function pg_temp.value_of(p_table regclass, p_column pg_attribute) returns text
language plpgsql as $$
declare
	type text := format_type(p_column.atttypid, null);
	words text[] := pg_temp.words_of(p_table, p_column);
	target regclass := pg_temp.target_of(p_table, p_column);
	kind text := (select f.type from field f
		where f.entity = p_table::text and f.column_name = p_column.attname);
	preset text := (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d
		where d.adrelid = p_table and d.adnum = p_column.attnum);
	m bigint;
	e text;
begin
	if p_column.attidentity <> '' then
		return 'i';
	elsif target is not null then
		m := pg_temp.rows_of(target::text);
		if pg_temp.filled(target) and m = 20000 then
			execute format('select count(*) from %s', target) into m;
		end if;
		e := format('1 + (hashint8(i * 31 + %s) & 2147483647) %% %s', p_column.attnum, m);
		-- A record is shared with a user or with a team; a request is about a contact or a user.
		return case p_table || '.' || p_column.attname
			when 'record_share.user_id' then format('case when i %% 2 = 0 then %s end', e)
			when 'record_share.team_id' then format('case when i %% 2 = 1 then %s end', e)
			-- Nobody looks as another.
			when 'session.viewer_id' then 'null::bigint'
			when 'session.back_id' then 'null::bigint'
			when 'request_alias.contact_id' then format('case when i %% 3 = 0 then %s end', e)
			when 'request_alias.user_id' then format('case when i %% 3 = 1 then %s end', e)
			when 'request_subject.contact_id' then format('case when i %% 50 <> 0 then %s end', e)
			when 'request_subject.user_id' then format('case when i %% 50 = 0 then %s end', e)
			-- Where nothing of row 7 is to be opened: its key is of no use.
			when 'disclosure.contact_id' then format('8 + (hashint8(i * 31 + %s) & 2147483647) %% %s', p_column.attnum, m - 8)
			when 'incident_step.incident_id' then 'i'
			-- A link is for one thing.
			when 'handover.file_id' then format('case when i %% 2 = 0 then %s end', e)
			when 'handover.download_id' then format('case when i %% 2 = 1 then %s end', e)
			when 'session.grant_id' then 'null::bigint'
			when 'stored_query.grant_id' then 'null::bigint'
			else e end;
	elsif p_table || '.' || p_column.attname = 'incident_step.step' then
		return '1 + (i % 5)::int';
	elsif p_table || '.' || p_column.attname = 'erasure_remain.decision' then
		return $x$'kept'$x$;
	elsif p_table || '.' || p_column.attname = 'support_grant.hours' then
		return '1 + (i % 24)::int';
	elsif p_table || '.' || p_column.attname in ('closing.begun_at', 'closing.closes_at', 'closing.ended_at') then
		return 'now()';
	elsif p_table || '.' || p_column.attname = 'request_mark.size' then
		return '1 + (i % 40)::int';
	elsif p_table || '.' || p_column.attname = 'other_source.days' then
		return '1 + (i % 40)::int';
	elsif p_table || '.' || p_column.attname = 'session.kind' then
		return $x$(array['cookie', 'token'])[1 + i % 2]$x$;
	elsif p_table || '.' || p_column.attname = 'activity.private_to' then
		-- Most notes are for everybody.
		return format('case when %s then ''author'' end', pg_temp.one_of(2000, p_column));
	elsif words is not null and type = 'text' then
		return format('case when %s then %L else (%L::text[])[1 + i %% %s] end',
			pg_temp.one_of(2000, p_column), words[cardinality(words)], words, greatest(cardinality(words) - 1, 1));
	elsif p_column.attname ~ '_zh$' then
		return $x$case when i % 100 = 3 then '陳大' else chr(20000 + (i * 37 % 6000)::int) end
			|| chr(20000 + (i * 101 % 5003)::int) || chr(20000 + (i * 7 % 4001)::int)$x$;
	elsif p_column.attname = 'name_en' then
		return $x$(array['Chan', 'Wong', 'Lee', 'Ho'])[1 + i % 4] || ' Tai '
			|| initcap(translate(substr(md5(i::text), 1, 7), '0123456789', 'ghijklmnop'))$x$;
	end if;
	e := case
		when type = 'bytea' then format('sha256(int8send(i * 1000 + %s))', p_column.attnum)
		when kind = 'email' then $x$'p' || i || '@example' || i % 50 || '.com'$x$
		when kind = 'phone' then format($x$'+852' || 20000000 + i * 7 + %s$x$, p_column.attnum)
		when kind = 'url' then $x$'https://example.com/' || i$x$
		when kind = 'currency' then 
			format($x$case when %s then 'USD' else 'HKD' end$x$, pg_temp.one_of(2000, p_column))
		when type = 'text' then format($x$'T' || i || ' ' || substr(md5(%L || i), 1, 9)$x$, p_column.attname)
		when type = 'boolean' then 

			case when preset = 'true' or not p_column.attnotnull then 'not ' else '' end
				|| pg_temp.one_of(2000, p_column)
		when type = 'bigint' then format('(i * 37 + %s) %% 1000003', p_column.attnum)
		when type = 'integer' then '(i % 1000)::int'
		when type = 'date' then 'current_date - (i % 3000)::int'
		when type = 'timestamp with time zone' then $x$now() - i * interval '90 seconds'$x$
		when type = 'interval' then $x$interval '1 day'$x$
		when type = 'jsonb' then $x$'{}'::jsonb$x$
		when type = 'inet' then $x$('10.0.' || i / 200 % 200 || '.' || 1 + i % 200)::inet$x$
		when type = 'xid8' then $x$'3'::xid8$x$
		when type = 'text[]' then $x$array['all', 'tag' || i % 5000, 'own' || i]$x$
		when type = 'bigint[]' then $x$array[1 + (hashint8(i) & 2147483647) % 20000]$x$
		when type = 'integer[]' then $x$array[(1 + (hashint8(i) & 2147483647) % 20000)::integer]$x$
		when type = 'timestamp with time zone[]' then 'array[now()]'
	end;
	if e is null then
		raise exception 'fill.sql has no value for %.% (%)', p_table, p_column.attname, type;
	end if;
	if p_table || '.' || p_column.attname = 'request_alias.digest' then
		return format('case when i %% 3 = 2 then %s end', e);
	elsif p_table || '.' || p_column.attname = 'invoice.bill_to' then
		return 'null::bytea';
	elsif p_table || '.' || p_column.attname = 'erasure.needles' then
		return format('case when %s then %s end', pg_temp.one_of(2000, p_column), e);
	elsif p_table || '.' || p_column.attname = 'erasure.completed_at' then
		return format('case when not %s then %s end', pg_temp.one_of(2000, p_column), e);
	end if;
	-- What need not be there is there in one row of twenty.
	if not p_column.attnotnull and (type ~ '^(date|timestamp)' or kind is not null) then
		e := format('case when %s then %s end', pg_temp.one_of(20, p_column), e);
	end if;
	return e;
end $$;

do $$
declare
	t regclass;
	columns text;
	exprs text;
begin
	for t in select c.oid from pg_class c
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
			and not c.relispartition order by c.oid
	loop
		continue when pg_temp.filled(t) and t::text not in ('app_user', 'audit_event');
		select string_agg(quote_ident(a.attname), ', ' order by a.attnum),
			string_agg(pg_temp.value_of(t, a), ', ' order by a.attnum)
		into columns, exprs
		from pg_attribute a
		where a.attrelid = t and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
		execute format('insert into %s (%s) overriding system value select %s '
			'from generate_series(1, %s) i on conflict do nothing', t, columns, exprs,
			pg_temp.rows_of(t::text));
		for columns in select a.attname from pg_attribute a where a.attrelid = t and a.attidentity <> '' loop
			perform setval(pg_get_serial_sequence(t::text, columns), pg_temp.rows_of(t::text));
		end loop;
	end loop;
end $$;

reset session_replication_role;
select audit_index();
-- Days are counted by user, and users are few.
delete from audit_day where day > current_date - 30 and actor_id > 1000;
