-- SPDX-License-Identifier: ISC
-- Links and files of requests. Who has a link has its digest and reaches its row by that alone.
set role praya_owner;

do $$
declare
	t text;
begin
	foreach t in array array['request_token', 'request_file'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('drop policy if exists owner on %I', t);
		execute format('create policy owner on %I to praya_owner using (true) with check (true)', t);
	end loop;
end $$;
drop policy if exists visible on request_token;
create policy visible on request_token to praya_tenant using (
	(select coalesce(current_setting('praya.actor_kind', true), '')) <> '');
drop policy if exists visible on request_file;
create policy visible on request_file to praya_tenant using ((select requests_all())
	or exists (select from privacy_request r where r.request_id = request_file.request_id));

revoke all on request_token, request_file from praya_tenant;
grant select, insert (hash, request_id, kind, created_by, expires_at), update (used_at), delete on request_token to praya_tenant;
grant select, insert (request_id, what, name, content_type, object, object_key, size, sha256, item_id), update (object)
	on request_file to praya_tenant;
grant update (confirmed_at) on privacy_request to praya_tenant;

create or replace function request_file_came() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.created_at := now();
	new.created_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	if not exists (select from privacy_request r where r.request_id = new.request_id and (r.closed_at is null or new.what <> 'proof')) then
		raise exception 'it is over' using errcode = 'PR042';
	end if;
	if (new.what = 'source') <> (new.item_id is not null) or new.item_id is not null and not exists (select from request_item i join privacy_request r using (request_id)
		where i.item_id = new.item_id and i.request_id = new.request_id and i.what = 'source' and r.closed_at is null) then
		raise exception 'no such task' using errcode = 'PR042';
	end if;
	return new;
end $$;
drop trigger if exists came on request_file;
create trigger came before insert on request_file for each row execute function request_file_came();
-- What it was stays; its bytes go once nobody can open them.
create or replace function request_file_stays() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if tg_op = 'DELETE' or (to_jsonb(new) - array['object', 'object_key', 'destroyed_at'])
			is distinct from (to_jsonb(old) - array['object', 'object_key', 'destroyed_at'])
		or new.object is distinct from old.object and (new.object is not null or old.destroyed_at is null)
		or new.object_key is distinct from old.object_key and new.object_key is not null
		or old.destroyed_at is not null and new.destroyed_at is distinct from old.destroyed_at then
		raise exception 'it stays' using errcode = 'PR026';
	end if;
	return new;
end $$;
drop trigger if exists stays on request_file;
create trigger stays before update or delete on request_file for each row execute function request_file_stays();

-- What showed who asks has done so: it is destroyed at the decision.
create or replace function proof_destroyed() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	if new.action = 'verify' or exists (select from privacy_request r where r.request_id = new.request_id and r.closed_at is not null) then
		update request_file set object_key = null, destroyed_at = now()
		where request_id = new.request_id and what = 'proof' and destroyed_at is null;
	end if;
	return null;
end $$;
drop trigger if exists proof_destroyed on request_event;
create trigger proof_destroyed after insert on request_event for each row execute function proof_destroyed();

-- With the case's key goes the way to all its files.
create or replace function request_files_gone() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	update request_file set object_key = null, destroyed_at = now()
	where request_id = new.request_id and destroyed_at is null;
	return null;
end $$;
drop trigger if exists files_gone on privacy_request;
create trigger files_gone after update of key_id on privacy_request for each row
	when (new.key_id is null and old.key_id is not null) execute function request_files_gone();

reset role;
