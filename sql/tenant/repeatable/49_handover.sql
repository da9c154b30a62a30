-- SPDX-License-Identifier: ISC
-- Hand-overs: nothing leaves before it is known who asks and, of a copy, before it was approved.
set role praya_owner;

alter table handover enable row level security;
alter table handover force row level security;
drop policy if exists owner on handover;
create policy owner on handover to praya_owner using (true) with check (true);
drop policy if exists visible on handover;
create policy visible on handover to praya_tenant using ((select requests_all())
	or exists (select from privacy_request r where r.request_id = handover.request_id));
revoke all on handover from praya_tenant;
grant select, insert (request_id, file_id, download_id, hash, email, expires_at), update (code, code_until, tries, codes, fetched_at,
	fetches, ended_at, warned_on) on handover to praya_tenant;

create or replace function handover_made() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.created_at := now();
	new.created_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	-- A package is that of the answer as it was approved last.
	if not exists (select from privacy_request r left join request_file f on f.request_id = r.request_id and f.file_id = new.file_id
		where r.request_id = new.request_id and (f.what = 'answer' and f.destroyed_at is null or r.package_id = new.download_id)
			and r.identity_at is not null and (r.capacity = 'self' or r.authority_at is not null)
			and (r.kind <> 'access' or r.approved_at is not null)) then
		raise exception 'nothing leaves yet' using errcode = 'PR043';
	end if;
	update handover set ended_at = now() where request_id = new.request_id and ended_at is null
		and (file_id = new.file_id or download_id is not null and new.download_id is not null);
	return new;
end $$;
drop trigger if exists made on handover;
create trigger made before insert on handover for each row execute function handover_made();

reset role;
