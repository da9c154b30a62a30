-- SPDX-License-Identifier: ISC
-- What was taken down. Policies (30_policy.sql) show nobody a message, note or file that is
-- withheld, and only what stands here withholds one or puts it back.
set role praya_owner;

do $$
declare
	t text;
begin
	foreach t in array array['takedown', 'takedown_item'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('drop policy if exists owner on %I', t);
		execute format('create policy owner on %I to praya_owner using (true) with check (true)', t);
		execute format('drop policy if exists visible on %I', t);
		execute format('create policy visible on %I to praya_tenant using ((select requests_all()))', t);
		execute format('revoke all on %I from praya_tenant', t);
		execute format('grant select on %I to praya_tenant', t);
		execute format('drop trigger if exists stays on %I', t);
		execute format('create trigger stays before delete on %I for each row execute function incident_stays()', t);
		execute format('drop trigger if exists stays_all on %I', t);
		execute format('create trigger stays_all before truncate on %I for each statement
			execute function incident_stays()', t);
	end loop;
	-- The functions here look past the policies.
	foreach t in array array['message', 'activity', 'attachment'] loop
		execute format('drop policy if exists owner on %I', t);
		execute format('create policy owner on %I to praya_owner using (true) with check (true)', t);
	end loop;
end $$;
grant insert (received_at, deadline_at, key_id, particulars), update (done_at, done_by) on takedown to praya_tenant;

create or replace function takedown_recorded() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.recorded_at := now();
	new.recorded_by := incident_me();
	new.reference := 'T' || to_char(hk_today(), 'YYYY') || '-' || lpad(new.takedown_id::text, 5, '0');
	if new.received_at > now() or new.deadline_at < new.received_at then
		raise exception 'no such times' using errcode = 'PR032';
	end if;
	return new;
end $$;
drop trigger if exists recorded on takedown;
create trigger recorded before insert on takedown for each row execute function takedown_recorded();

-- Only the functions below withhold anything or put it back.
create or replace function withheld_guard() returns trigger language plpgsql stable as $$
begin
	if new.withheld_at is distinct from old.withheld_at and current_user <> 'praya_owner' then
		raise exception 'not by hand' using errcode = '42501';
	end if;
	return new;
end $$;
do $$
declare
	t text;
begin
	foreach t in array array['message', 'activity', 'attachment'] loop
		execute format('drop trigger if exists withheld on %I', t);
		execute format('create trigger withheld before update of withheld_at on %I for each row
			execute function withheld_guard()', t);
	end loop;
end $$;

-- The row as it is, for the copy; null: not there for the one who asks.
create or replace function takedown_copy(p_entity text, p_record bigint, out contact bigint, out copy text)
language sql stable set search_path = public as $$
	select contact_id, to_jsonb(m)::text from message m where p_entity = 'message' and message_id = p_record
	union all
	select contact_id, to_jsonb(v)::text from activity v where p_entity = 'activity' and activity_id = p_record
	union all
	select contact_id, to_jsonb(a)::text from attachment a where p_entity = 'attachment' and attachment_id = p_record;
$$;

-- Out of sight, with its files, in the transaction that keeps the copy.
create or replace function takedown_hide(p_takedown bigint, p_entity text, p_record bigint, p_contact bigint,
	p_key bigint, p_evidence bytea, p_digest bytea) returns bigint
language plpgsql volatile security definer set search_path = public as $$
declare
	id bigint;
begin
	if not exists (select from takedown where takedown_id = p_takedown and done_at is null)
		or p_evidence is null or length(p_digest) <> 32 then
		raise exception 'not now' using errcode = 'PR031';
	end if;
	if p_entity = 'message' then
		update message set withheld_at = now() where message_id = p_record and withheld_at is null;
		if found then
			update attachment set withheld_at = now() where message_id = p_record and withheld_at is null;
		end if;
	elsif p_entity = 'activity' then
		update activity set withheld_at = now() where activity_id = p_record and withheld_at is null;
		if found then
			update attachment set withheld_at = now() where activity_id = p_record and withheld_at is null;
		end if;
	else
		update attachment set withheld_at = now() where attachment_id = p_record and withheld_at is null;
	end if;
	if not exists (select from message where p_entity = 'message' and message_id = p_record and withheld_at = now()
		union all select from activity where p_entity = 'activity' and activity_id = p_record and withheld_at = now()
		union all select from attachment where p_entity = 'attachment' and attachment_id = p_record and withheld_at = now()) then
		raise exception 'nothing to hide' using errcode = 'PR031';
	end if;
	insert into takedown_item (takedown_id, entity, record_id, contact_id, key_id, evidence, digest, hidden_by)
	values (p_takedown, p_entity, p_record, p_contact, p_key, p_evidence, p_digest, incident_me())
	returning item_id into id;
	return id;
end $$;

-- Back in sight, where the notice was withdrawn or an appeal won. false: it was not hidden by this.
create or replace function takedown_show(p_takedown bigint, p_item bigint) returns boolean
language plpgsql volatile security definer set search_path = public as $$
declare
	i takedown_item;
begin
	update takedown_item set shown_at = now(), shown_by = incident_me()
	where takedown_id = p_takedown and item_id = p_item and shown_at is null returning * into i;
	if not found then
		return false;
	end if;
	if exists (select from takedown_item o where o.entity = i.entity and o.record_id = i.record_id and o.shown_at is null) then
		return true;
	end if;
	update attachment a set withheld_at = null where withheld_at is not null
		and (i.entity = 'attachment' and a.attachment_id = i.record_id or i.entity = 'message' and a.message_id = i.record_id
			or i.entity = 'activity' and a.activity_id = i.record_id)
		and not exists (select from takedown_item o where o.entity = 'attachment' and o.record_id = a.attachment_id and o.shown_at is null);
	update message set withheld_at = null where i.entity = 'message' and message_id = i.record_id;
	update activity set withheld_at = null where i.entity = 'activity' and activity_id = i.record_id;
	return true;
end $$;

reset role;
