-- SPDX-License-Identifier: ISC
-- What a workspace that closes asks of those who come in.
set role praya_owner;

-- How many privacy requests are open, whoever asks and whatever they see of them; more than a hundred are a hundred.
create or replace function requests_open() returns bigint language sql stable security definer set search_path = public as $$
	select count(*) from (select from privacy_request where closed_at is null order by due_on, request_id limit 100) q;
$$;

-- Everybody but administrators and, for as long as a privacy request is open, those who see to requests: its days run on.
create or replace function closing_keeps_out(p_user bigint) returns boolean language sql stable set search_path = public as $$
	select exists (select from closing where ended_at is null and begun_at is not null)
		and not exists (select from app_user u join profile_right r using (profile_id)
			where u.user_id = p_user and r.entity = '' and (r."right" = 'close_workspace'
				or r."right" in ('run_requests', 'approve_requests') and requests_open() > 0));
$$;

reset role;
