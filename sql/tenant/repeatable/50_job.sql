-- SPDX-License-Identifier: ISC
set role praya_owner;

-- The worker enters on behalf of whoever asked for the job. PR003: the lease was
-- lost, another worker has the job or it is over; then nothing can be done here.
create or replace function job_enter(p_job bigint, p_lease bigint, p_route text)
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
	perform gate_system('worker', asker, p_route);
end $$;

reset role;
