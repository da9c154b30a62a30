-- SPDX-License-Identifier: ISC
-- Who sees mail of erased people: whoever runs requests, and what takes mail in.
set role praya_owner;

alter table mail_tray enable row level security;
alter table mail_tray force row level security;
drop policy if exists visible on mail_tray;
create policy visible on mail_tray to praya_tenant using (
	(select coalesce(current_setting('praya.wide', true), '') = '1' or requests_all()));
revoke all on mail_tray from praya_tenant;
grant select, insert (key_id, particulars, object, object_key, size, mail_key, erased_on),
	update (key_id, particulars, object, object_key, state, decided_at, decided_by, how) on mail_tray to praya_tenant;

-- What was decided stays decided.
create or replace function mail_tray_stays() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if old.state <> 'waiting' and new.state <> old.state then
		raise exception 'decided already' using errcode = 'PR024';
	end if;
	return new;
end $$;
drop trigger if exists stays on mail_tray;
create trigger stays before update on mail_tray for each row execute function mail_tray_stays();

reset role;
