-- SPDX-License-Identifier: ISC
-- Columns of custom fields that are under way: filled by a job, or left behind
-- by one that failed.
set role praya_owner;

-- Empties the columns that the trigger names: what they were filled from has changed.
create or replace function column_empty() returns trigger language plpgsql set search_path = public as $$
begin
	return jsonb_populate_record(new, (select jsonb_object_agg(c, null) from unnest(tg_argv) c));
end $$;

-- Erasing a person empties the columns of the catalogue's fields. This empties
-- those which are not, or not yet, a field's, so that no value outlives the person there.
create or replace function contact_erased() returns trigger language plpgsql set search_path = public as $$
declare
	rest jsonb;
begin
	select jsonb_object_agg(a.attname, null) into rest
	from pg_attribute a
	where a.attrelid = 'contact'::regclass and a.attnum > 0 and not a.attisdropped and a.attname ~ '^cf_'
		and not exists (select from field f where f.entity = 'contact'
			and a.attname in (f.column_name, f.column_name || '_bi'));
	return case when rest is null then new else jsonb_populate_record(new, rest) end;
end $$;

drop trigger if exists contact_erased on contact;
create trigger contact_erased before update of erased_at on contact for each row
	when (old.erased_at is null and new.erased_at is not null) execute function contact_erased();

-- Nothing new about an erased person. Whoever asks while the erasure is under way
-- waits for its lock on the person and then sees the outcome. PR004: erased.
create or replace function erased_stays() returns trigger language plpgsql set search_path = public as $$
declare
	gone boolean;
begin
	select erased_at is not null into gone from contact where contact_id = new.contact_id for key share;
	if gone then
		raise exception 'the person is erased' using errcode = 'PR004';
	end if;
	return new;
end $$;

do $$
declare
	t text;
begin
	foreach t in array array['activity', 'message', 'attachment', 'invoice', 'kept_field'] loop
		execute format('drop trigger if exists erased_stays on %I', t);
		execute format('create trigger erased_stays before insert on %I for each row '
			'execute function erased_stays()', t);
	end loop;
end $$;

reset role;
