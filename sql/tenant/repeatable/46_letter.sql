-- SPDX-License-Identifier: ISC
-- Letters of requests: seen by whoever sees the request; what they say is written
-- once, the PDF is made once, and how they went out is said once.
set role praya_owner;

alter table letter enable row level security;
alter table letter force row level security;
drop policy if exists owner on letter;
create policy owner on letter to praya_owner using (true) with check (true);
drop policy if exists visible on letter;
create policy visible on letter to praya_tenant using ((select requests_all())
	or exists (select from privacy_request r where r.request_id = letter.request_id));

-- What became of its mail is known to the checks, whoever asks.
drop policy if exists of_letters on outbox;
create policy of_letters on outbox for select to praya_owner using (true);

revoke all on letter_use, letter from praya_tenant;
grant select on letter_use to praya_tenant;
grant select, insert (request_id, letter, language, sealed), update (pdf, pages, sent_how, sent_on, outbox_id)
	on letter to praya_tenant;

create or replace function letter_written() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.created_at := now();
	new.created_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	if not exists (select from privacy_request r join letter_use u on u.request_kind = r.kind
		where r.request_id = new.request_id and u.letter = new.letter) then
		raise exception 'no such letter' using errcode = 'PR041';
	end if;
	return new;
end $$;
drop trigger if exists written on letter;
create trigger written before insert on letter for each row execute function letter_written();

-- A mail that the relay refused may go out once more, or by post.
create or replace function letter_kept() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	-- Its mail is forgotten a month later.
	if new.outbox_id is null and old.outbox_id is not null
		and to_jsonb(new) - 'outbox_id' = to_jsonb(old) - 'outbox_id' then
		return new;
	end if;
	if (to_jsonb(new) - array['pdf', 'pages', 'sent_how', 'sent_on', 'sent_at', 'sent_by', 'outbox_id'])
			is distinct from (to_jsonb(old) - array['pdf', 'pages', 'sent_how', 'sent_on', 'sent_at', 'sent_by', 'outbox_id'])
		or old.pdf is not null and (new.pdf, new.pages) is distinct from (old.pdf, old.pages) then
		raise exception 'it stays' using errcode = 'PR041';
	end if;
	if (new.sent_how, new.sent_on, new.outbox_id) is distinct from (old.sent_how, old.sent_on, old.outbox_id) then
		if new.sent_how is null or new.sent_on is null or new.sent_on > hk_today()
			or new.sent_on < (old.created_at at time zone 'Asia/Hong_Kong')::date
			or old.sent_how is not null and not exists (select from outbox o
				where o.outbox_id = old.outbox_id and o.state = 'failed') then
			raise exception 'it went out already' using errcode = 'PR041';
		end if;
		-- s.27(3): in the log book on or before the day of the notice; under s.21(2) with the prejudice.
		if new.letter in ('refuse', 'no_disclosure', 'partial', 'correction_refused')
			and not exists (select from log_book b where b.request_id = new.request_id
				and (b.prejudice or new.letter <> 'no_disclosure')) then
			raise exception 'the log book first' using errcode = 'PR044';
		end if;
		new.sent_at := now();
		new.sent_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	end if;
	return new;
end $$;
drop trigger if exists kept on letter;
create trigger kept before update on letter for each row execute function letter_kept();
drop trigger if exists stays on letter;
create trigger stays before delete on letter for each row execute function request_stays();
drop trigger if exists stays_all on letter;
create trigger stays_all before truncate on letter for each statement execute function request_stays();

-- 1: what this step will say is entered, and the step is still to be taken.
create or replace function request_prepared(p_request bigint, p_action text) returns bigint
language sql stable set search_path = public as $$
	select (coalesce(max(e.event_id) filter (where e.action = 'prepare'), 0)
		> coalesce(max(e.event_id) filter (where e.action = p_action), 0))::int::bigint
	from request_event e
	where e.request_id = p_request and (e.action = p_action or e.action = 'prepare' and e.data->>'for' = p_action);
$$;

-- Steps that were taken, or prepared, more often than one of their letters was written: the first
-- of those letters that fits what was asked.
create or replace function letters_due(p_request bigint) returns table (action text, letter text, law text)
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
	return query select d.action, d.letter, d.law
	from (select distinct on (u.action) u.action, u.letter, u.law, u.position
		from privacy_request r join letter_use u on u.request_kind = r.kind and u.action <> ''
		where r.request_id = p_request and not (u.letter = 'held' and r.limb_b) and not (u.letter = 'copy' and not r.limb_b)
			and (select count(*) from request_event e where e.request_id = r.request_id and e.action = u.action)
				+ request_prepared(r.request_id, u.action)
				> (select count(*) from letter l where l.request_id = r.request_id and l.letter in (select v.letter
					from letter_use v where v.request_kind = r.kind and v.action = u.action))
		-- What was entered under s.21(2) is answered so.
		order by u.action, case when u.letter <> 'no_disclosure' then 1 when (select e.ground from request_event e
			where e.request_id = p_request and (e.action = u.action or e.action = 'prepare' and e.data->>'for' = u.action)
			order by e.event_id desc limit 1) = '21(2)' then 0 else 2 end, u.position) d
	order by d.position;
end $$;

reset role;
