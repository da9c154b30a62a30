-- SPDX-License-Identifier: ISC
set role praya_owner;

-- May this user do that still? Entity '' with the special rights. What needs an entity and
-- names none is allowed to nobody.
create or replace function user_may(p_user bigint, p_entity text, p_right text) returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return exists (select from app_user u join profile_right r using (profile_id)
		where u.user_id = p_user and u.active and r.entity = p_entity and r."right" = p_right);
end $$;

-- The worker enters on behalf of whoever asked for the job. PR003: the lease was
-- lost, another worker has the job or it is over; then nothing can be done here.
-- PR005: whoever asked may not have this done any more (p_right null: asked of nobody).
drop function if exists job_enter(bigint, bigint, text);
create or replace function job_enter(p_job bigint, p_lease bigint, p_route text, p_entity text default null,
	p_right text default null)
returns void language plpgsql volatile set search_path = public as $$
declare
	asker bigint;
begin
	update job set lease_until = now() + interval '30 seconds'
	where job_id = p_job and lease = p_lease and state = 'running'
	returning created_by into asker;
	if not found then
		raise exception 'job is not ours' using errcode = 'PR003';
	end if;
	if p_right is not null and asker is not null and not user_may(asker, p_entity, p_right) then
		raise exception 'the asker may not' using errcode = 'PR005';
	end if;
	perform gate_system('worker', asker, p_route);
end $$;

reset role;
