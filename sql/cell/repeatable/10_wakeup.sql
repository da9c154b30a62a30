-- SPDX-License-Identifier: ISC
-- Ringing for the worker. Both can be called again without harm: rings merge.
set role praya_owner;

-- p_due null or past: there is work now.
-- What is known already is not written again; and a bell for later rings only where the worker would
-- sleep past it: when nothing else is due before.
create or replace function wake(p_tenant bigint, p_due timestamptz) returns void
language plpgsql volatile set search_path = public as $$
declare
	later boolean := p_due is not null and p_due > now();
begin
	insert into wakeup as w (tenant_id, dirty_at, next_due_at)
	values (p_tenant, case when not later then now() end, case when later then p_due end)
	on conflict (tenant_id) do update set
		dirty_at = coalesce(w.dirty_at, excluded.dirty_at),
		next_due_at = least(w.next_due_at, excluded.next_due_at)
	where w.dirty_at is null and not later or w.next_due_at is null and later or w.next_due_at > p_due and later;
	if later and (not found or exists (select from wakeup o where o.next_due_at <= p_due and o.tenant_id <> p_tenant)) then
		return;
	end if;
	notify praya_wakeup;
end $$;
revoke all on function wake(bigint, timestamptz) from public;
grant execute on function wake(bigint, timestamptz) to praya_cell;
comment on function wake(bigint, timestamptz) is 'Tells the worker that a workspace has work, now or at a time';

-- Workspaces with work, longest waiting first. What is taken is no longer dirty,
-- so a ring that comes while the worker is busy counts; a worker that was killed
-- never calls wake_done(), and its workspaces come up again.
create or replace function wake_take(p_limit integer) returns setof bigint
language sql volatile set search_path = public as $$
	update wakeup w set dirty_at = null, taken_at = now(),
		next_due_at = case when w.next_due_at > now() then w.next_due_at end
	from (select x.tenant_id from wakeup x
		where x.dirty_at is not null or x.next_due_at <= now()
			or x.taken_at <= now() - interval '5 minutes'
		order by coalesce(x.dirty_at, x.next_due_at, x.taken_at) limit p_limit
		for update skip locked) due
	where w.tenant_id = due.tenant_id
	returning w.tenant_id;
$$;
revoke all on function wake_take(integer) from public;
grant execute on function wake_take(integer) to praya_cell;
comment on function wake_take(integer) is 'Workspaces with work; they are no longer marked';

-- p_due: when the next work that the worker saw is due, or null.
create or replace function wake_done(p_tenant bigint, p_due timestamptz) returns void
language sql volatile set search_path = public as $$
	insert into wakeup (tenant_id, next_due_at) values (p_tenant, p_due)
	on conflict (tenant_id) do update set taken_at = null,
		next_due_at = least(wakeup.next_due_at, excluded.next_due_at);
$$;
revoke all on function wake_done(bigint, timestamptz) from public;
grant execute on function wake_done(bigint, timestamptz) to praya_cell;
comment on function wake_done(bigint, timestamptz) is 'The worker looked through a workspace''s jobs';

-- Seconds until the next work; null: none is known.
create or replace function wake_wait() returns double precision
language sql stable set search_path = public as $$
	-- greatest() would make 0 of null.
	select case when next is not null then greatest(0, extract(epoch from next - now())) end
	from (select least(
		(select least(min(dirty_at), min(next_due_at), min(taken_at) + interval '5 minutes') from wakeup),
		(select min(run_at) from sign_up where state in ('asked', 'confirmed')),
		(select min(expires_at) from sign_up),
		(select min(mail_at) from destruction where owners is not null and certificate is not null)) as next) w;
$$;
revoke all on function wake_wait() from public;
grant execute on function wake_wait() to praya_cell;
comment on function wake_wait() is 'How long the worker may sleep';

reset role;
