-- SPDX-License-Identifier: ISC
-- Nobody is held without a ground, a reviewer and a day of review; without a hold there are none.
set role praya_owner;

create or replace function hold_checked() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if not new.hold then
		new.hold_ground := null;
		new.hold_reviewer_id := null;
		new.hold_review_on := null;
		new.hold_reminded_on := null;
	elsif num_nulls(new.hold_ground, new.hold_reviewer_id, new.hold_review_on) > 0 then
		raise exception 'a hold says why, who looks at it again, and when' using errcode = 'PR061';
	elsif tg_op = 'UPDATE' then
		if new.hold_review_on is distinct from old.hold_review_on then
			new.hold_reminded_on := null;
		end if;
	end if;
	return new;
end $$;
drop trigger if exists hold_checked on contact;
create trigger hold_checked before insert or update of hold, hold_ground, hold_reviewer_id, hold_review_on on contact
	for each row execute function hold_checked();

reset role;
