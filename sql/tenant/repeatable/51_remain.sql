-- SPDX-License-Identifier: ISC
-- What is left of an erased person outside of their own records, and what was decided of it.
set role praya_owner;

alter table erasure_remain enable row level security;
alter table erasure_remain force row level security;
drop policy if exists owner on erasure_remain;
create policy owner on erasure_remain to praya_owner using (true) with check (true);
drop policy if exists visible on erasure_remain;
create policy visible on erasure_remain to praya_tenant using (
	exists (select from erasure e where e.erasure_id = erasure_remain.erasure_id));
revoke all on erasure_remain from praya_tenant;
grant select, insert (erasure_id, entity, record_id, decision, reason), update (decision, reason) on erasure_remain to praya_tenant;

-- Who and when are the database's word.
create or replace function erasure_decided() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.decided_at := now();
	new.decided_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	return new;
end $$;
drop trigger if exists decided on erasure_remain;
create trigger decided before insert or update on erasure_remain for each row execute function erasure_decided();

-- What left with the person in it, and what lies with requests that are about them: of a request whose
-- key is gone nothing can be read any more.
create or replace function erasure_elsewhere(p_contact bigint) returns table (entity text, id bigint, request bigint)
language sql stable security definer set search_path = public as $$
	select 'export', d.ref, null::bigint from disclosures(p_contact, '1900-01-01', hk_today()) d where d.source = 'export'
	union select 'export', e.export_id, null from export e join contact c on c.contact_id = p_contact
		where e.kind = 'workspace' and e.state = 'done' and e.created_at >= c.created_at
	union all select 'package', r.package_id, r.request_id from request_subject s join privacy_request r using (request_id)
		where s.contact_id = p_contact and r.package_id is not null and r.key_id is not null
	union all select 'upload', f.file_id, r.request_id from request_subject s join privacy_request r using (request_id)
		join request_file f using (request_id) where s.contact_id = p_contact and f.destroyed_at is null and r.key_id is not null
	union all select 'letter', l.letter_id, r.request_id from request_subject s join privacy_request r using (request_id)
		join letter l using (request_id) where s.contact_id = p_contact and r.key_id is not null
	order by 1, 2 limit 200;
$$;
revoke all on function erasure_elsewhere(bigint) from public;
grant execute on function erasure_elsewhere(bigint) to praya_tenant;

drop policy if exists packages on download;
create policy packages on download to praya_owner using (kind = 'request_package') with check (kind = 'request_package');

-- A file of a request goes dark once somebody decided so of an erasure's receipt.
create or replace function erasure_file_end(p_erasure bigint, p_file bigint) returns void
language sql volatile security definer set search_path = public as $$
	update request_file set object_key = null, destroyed_at = now() where file_id = p_file and destroyed_at is null
		and exists (select from erasure_remain where erasure_id = p_erasure and entity = 'upload'
			and record_id = p_file and decision = 'cleared');
$$;
-- A package that is about the person goes dark, whoever else it is about, with the links to it.
create or replace function erasure_package_end(p_erasure bigint, p_package bigint) returns void
language plpgsql volatile security definer set search_path = public as $$
begin
	if not exists (select from erasure_remain where erasure_id = p_erasure and entity = 'package'
		and record_id = p_package and decision = 'cleared') then
		return;
	end if;
	update handover set ended_at = now() where download_id = p_package and ended_at is null;
	update privacy_request set package_id = null, version = version + 1, updated_at = now() where package_id = p_package;
	update download set object_key = '', expires_at = least(expires_at, now()) where download_id = p_package;
end $$;
revoke all on function erasure_package_end(bigint, bigint) from public;
grant execute on function erasure_package_end(bigint, bigint) to praya_tenant;
revoke all on function erasure_file_end(bigint, bigint) from public;
grant execute on function erasure_file_end(bigint, bigint) to praya_tenant;

reset role;
