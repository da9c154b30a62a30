-- SPDX-License-Identifier: ISC
-- Which fields of a contact are disputed (DPP2(1)): those that an open request for correction is to
-- decide on; for a mailing also an opinion on whom something is noted (s.25(2)). Whoever asks
-- learns names of fields, whatever they see of requests.
set role praya_owner;

create or replace function disputed_fields(p_contact bigint, p_mailing boolean) returns text[]
language sql stable security definer set search_path = public as $$
	select coalesce(array_agg(distinct x.field order by x.field), '{}') from (
		select i.field from request_subject s
		join privacy_request r using (request_id)
		join request_item i using (request_id)
		where s.contact_id = p_contact and r.kind = 'correction' and r.closed_at is null
			and i.what = 'field' and i.field is not null and i.outcome is null
		union all
		select f.name from field f where p_mailing and f.entity = 'contact' and f.category = 'opinion'
			and exists (select from contact c where c.contact_id = p_contact and c.opinion_note is not null)) x;
$$;
revoke all on function disputed_fields(bigint, boolean) from public;
grant execute on function disputed_fields(bigint, boolean) to praya_tenant;

reset role;
