-- SPDX-License-Identifier: ISC
-- Requests under the Ordinance: who sees them, what may follow on what, what nobody
-- takes back. A state moves by a row of request_event and in no other way; what a
-- step asks for stands in request_lacks(), which pages and programs read as well.
set role praya_owner;

do $$
declare
	t text;
begin
	foreach t in array array['privacy_request', 'request_subject', 'request_link', 'request_item', 'request_record',
		'request_copy', 'request_alias', 'request_mark', 'request_event', 'log_book']
	loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		-- The triggers look and write past the policies of whoever asked.
		execute format('drop policy if exists owner on %I', t);
		execute format('create policy owner on %I to praya_owner using (true) with check (true)', t);
	end loop;
end $$;

-- Does the one who asks see all requests? Asked once a query.
create or replace function requests_all() returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return coalesce(current_setting('praya.wide', true), '') = '1' or exists (select from session s
		join app_user u using (user_id) join profile_right r using (profile_id)
		where s.session_id = nullif(current_setting('praya.session_id', true), '')::bigint
			and r.entity = '' and r."right" in ('run_requests', 'approve_requests')
			and (s.scope is null or '.' || r."right" = any (s.scope)));
end $$;

do $$
declare
	me text := $q$(select nullif(current_setting('praya.user_id', true), '')::bigint)$q$;
	t text;
begin
	drop policy if exists visible on privacy_request;
	execute format('create policy visible on privacy_request to praya_tenant using (
		(select requests_all()) or recorded_by = %1$s or assignee_id = %1$s)', me);
	-- Whoever records one says about whom they see; whoever runs requests, about anybody.
	drop policy if exists visible on request_subject;
	create policy visible on request_subject to praya_tenant using (
		(select requests_all()) or (exists (select from privacy_request r where r.request_id = request_subject.request_id)
		and (contact_id is null or exists (select from contact c where c.contact_id = request_subject.contact_id))));
	foreach t in array array['request_link', 'request_item', 'request_record', 'request_copy', 'request_alias',
		'request_mark', 'request_event', 'log_book'] loop
		execute format('drop policy if exists visible on %I', t);
		execute format('create policy visible on %1$I to praya_tenant using ((select requests_all())
			or exists (select from privacy_request r where r.request_id = %1$I.request_id))', t);
	end loop;
end $$;

-- Steps and grounds ship with Praya. Of a request what it says stays; where it stands moves by events.
revoke all on request_step, request_ground, privacy_request, request_event, log_book, request_link, request_subject,
	request_record, request_copy, request_alias, request_mark from praya_tenant;
grant select on request_step, request_ground to praya_tenant;
grant select, insert (kind, channel, language, received_at, due_on, due_rolled_on, limb_a, limb_b, statutory_form,
	capacity, key_id, particulars, message_id, access_id), update (due_rolled_on, assignee_id, key_id, particulars,
	reminded_on, copied_at, copy_job, package_job, package_id, updated_at, version) on privacy_request to praya_tenant;
grant select, insert (request_id, action, to_state, ground, note, late_reason, data) on request_event to praya_tenant;
grant select, insert (request_id, kind, received_on, ground, key_id, reasons, notice_on, late, prejudice, corrects), delete
	on log_book to praya_tenant;
grant select, insert on request_link to praya_tenant;
grant select, insert, delete on request_subject, request_record to praya_tenant;
grant select, insert (request_id, number, contact_id, user_id, digest), delete, update (consent) on request_alias to praya_tenant;
grant select, insert, delete, update (pending, marks, reviewed_at, reviewed_by, ground) on request_copy to praya_tenant;
grant select, insert, delete, update (state, decided_at, decided_by) on request_mark to praya_tenant;
-- A source that was asked stays known to its requests.
revoke delete on other_source from praya_tenant;
revoke delete on request_item from praya_tenant;

-- Ends: nothing leads out of them.
create or replace function request_ends(p_kind text, p_state text) returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return not exists (select from request_step where kind = p_kind and from_state = p_state);
end $$;

-- The day on which the letter of a step went out, since the step was taken last; null: it has not.
create or replace function request_notice_on(r privacy_request, p_action text) returns date
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return (select max(l.sent_on)
		from letter_use u
		join letter l on l.request_id = r.request_id and l.letter = u.letter and l.sent_on is not null
		where u.request_kind = r.kind and u.action = p_action
			and not (u.letter = 'held' and r.limb_b) and not (u.letter = 'copy' and not r.limb_b)
			and l.created_at > coalesce((select max(e.at) from request_event e
				where e.request_id = r.request_id and e.action = p_action), '-infinity')
			and not exists (select from outbox o where o.outbox_id = l.outbox_id and o.state = 'failed'));
end $$;

-- s.21(2): was the letter of a step that went out last the one which discloses nothing?
create or replace function request_undisclosed(r privacy_request, p_action text) returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return coalesce((select l.letter = 'no_disclosure'
		from letter_use u
		join letter l on l.request_id = r.request_id and l.letter = u.letter and l.sent_on is not null
		where u.request_kind = r.kind and u.action = p_action
			and not exists (select from outbox o where o.outbox_id = l.outbox_id and o.state = 'failed')
		order by l.sent_at desc, l.letter_id desc limit 1), false);
end $$;

-- Is the step taken only once its letter went out?
create or replace function request_letter_first(p_kind text, p_action text) returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return exists (select from letter_use where request_kind = p_kind and action = p_action and goes_first);
end $$;

-- Its answer would come too late, and has to say why. What was told in time is not late.
create or replace function request_is_late(r privacy_request, p_action text) returns boolean
language sql stable as $$
	select hk_today() > r.due_rolled_on and (r.delayed_at is null or p_action = 'refuse')
		and coalesce(request_notice_on(r, p_action) > r.due_rolled_on, true);
$$;

-- What is still missing before this can be done: codes of the message catalogue. What only some
-- steps ask for is looked up for these alone: it is asked of every step of every request of a list.
create or replace function request_lacks(r privacy_request, p_action text) returns text[]
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
declare
	answers boolean := p_action in ('not_held', 'fee', 'comply', 'comply_partly', 'correct', 'correct_partly', 'erase');
	lacks text[] := '{}';
begin
	-- Nothing leaves before it is known who asks.
	if answers and r.identity_at is null then
		lacks := array_append(lacks, 'identity');
	end if;
	if r.authority_at is null and (answers and r.capacity <> 'self'
			or p_action = 'search' and r.state = 'clarifying' and r.capacity = 'authorised') then
		lacks := array_append(lacks, 'authority');
	end if;
	if p_action in ('comply', 'comply_partly') and r.approved_at is null then
		lacks := array_append(lacks, 'approval');
	end if;
	-- Whoever approves looks a second time: somebody looked before.
	if p_action = 'approve' and r.reviewed_by is null then
		lacks := array_append(lacks, 'review');
	end if;
	if p_action = 'approve' and r.approved_at is not null then
		lacks := array_append(lacks, 'approved');
	end if;
	-- Nothing leaves that nobody has looked through; what is withheld is a refusal of that part.
	if p_action in ('approve', 'comply', 'comply_partly') then
		if exists (select from request_copy c where c.request_id = r.request_id and c.reviewed_at is null) then
			lacks := array_append(lacks, 'unreviewed');
		end if;
	end if;
	if p_action = 'comply' then
		if exists (select from request_copy c where c.request_id = r.request_id and c.ground is not null) then
			lacks := array_append(lacks, 'withheld');
		end if;
	end if;
	if p_action in ('not_held', 'comply', 'comply_partly') then
		if exists (select from request_item i where i.request_id = r.request_id and i.what = 'source'
				and i.outcome is null) then
			lacks := array_append(lacks, 'sources');
		end if;
	end if;
	-- s.19(1): whoever asked for a copy is answered with one.
	if p_action in ('comply', 'comply_partly') and r.limb_b and r.package_id is null then
		if not exists (select from request_file f where f.request_id = r.request_id and f.what = 'answer'
				and f.destroyed_at is null) then
			lacks := array_append(lacks, 'answer');
		end if;
	end if;
	if p_action in ('correct', 'correct_partly', 'erase') then
		if exists (select from request_item i where i.request_id = r.request_id and i.what = 'field'
				and i.outcome is null) then
			lacks := array_append(lacks, 'fields');
		end if;
	end if;
	-- s.23(1)(c): who received the old value is told, or it is said why not.
	if p_action in ('close', 'correct_partly') then
		if exists (select from request_item i where i.request_id = r.request_id and i.what = 'recipient'
				and i.outcome is null) then
			lacks := array_append(lacks, 'recipients');
		end if;
		if request_unlisted(r.request_id) then
			lacks := array_append(lacks, 'unlisted');
		end if;
	end if;
	-- s.23(1)(b): closed once the copy as corrected has gone out.
	if p_action = 'close' then
		if not exists (select from letter l where l.request_id = r.request_id and l.letter = 'corrected'
				and l.sent_on is not null) then
			lacks := array_append(lacks, 'corrected_sent');
		end if;
	end if;
	-- s.19(2), s.23(2): notice within the period, or not at all.
	if p_action = 'delay' and hk_today() > r.due_rolled_on
		and coalesce(request_notice_on(r, 'delay') > r.due_rolled_on, true) then
		lacks := array_append(lacks, 'in_time');
	end if;
	-- s.28(1): only for a copy.
	if p_action = 'fee' and not r.limb_b then
		lacks := array_append(lacks, 'copy');
	end if;
	if p_action = 'erase' then
		-- DPP2(3): whoever processes the data for the workspace has erased it as well.
		if exists (select from request_item i where i.request_id = r.request_id and i.what = 'processor'
				and i.outcome is null)
			or exists (select from other_source o where o.kind = 'processor' and o.active and not exists (
				select from request_item i where i.request_id = r.request_id and i.source_id = o.source_id)) then
			lacks := array_append(lacks, 'processors');
		end if;
		if not exists (select from request_subject s where s.request_id = r.request_id and s.contact_id is not null)
			or exists (select from request_subject s join contact c using (contact_id)
				where s.request_id = r.request_id and c.erased_at is null) then
			lacks := array_append(lacks, 'erased');
		end if;
	end if;
	-- s.19 to 21, 23, 25, 28: told in writing, then taken. The last of all: nothing else is missing then.
	if request_letter_first(r.kind, p_action) and request_notice_on(r, p_action) is null then
		lacks := array_append(lacks, 'letter');
	end if;
	return lacks;
end $$;

-- May this user approve, and may nobody else who is there?
create or replace function request_approver(p_user bigint) returns boolean
language plpgsql stable set search_path = public set plan_cache_mode = force_generic_plan as $$
begin
	return exists (select from app_user u join profile_right r using (profile_id)
		where u.user_id = p_user and u.active and r.entity = '' and r."right" = 'approve_requests');
end $$;
create or replace function request_other_approver(p_user bigint) returns boolean
language sql stable set search_path = public as $$
	select exists (select from app_user u join profile_right r using (profile_id)
		where u.user_id <> p_user and u.active and r.entity = '' and r."right" = 'approve_requests');
$$;

create or replace function request_recorded() returns trigger language plpgsql volatile set search_path = public as $$
declare
	term interval;
begin
	new.recorded_at := now();
	new.recorded_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	new.received_on := (new.received_at at time zone 'Asia/Hong_Kong')::date;
	new.reference := to_char(hk_today(), 'YYYY') || '-' || lpad(new.request_id::text, 5, '0');
	select t.term into strict term from law_term t
	where t.code = new.kind || '_reply' and t.from_on <= new.received_on order by t.from_on desc limit 1;
	if new.received_at > now() or new.due_on <> (new.received_on + term)::date or new.due_rolled_on < new.due_on then
		raise exception 'no such days' using errcode = 'PR024';
	end if;
	return new;
end $$;
drop trigger if exists recorded on privacy_request;
create trigger recorded before insert on privacy_request for each row execute function request_recorded();

-- Who looks a second time is somebody else, or there is nobody else.
create or replace function request_second_look(p_me bigint, p_first bigint) returns boolean
language plpgsql stable set search_path = public as $$
begin
	if p_me is null or not request_approver(p_me) then
		raise exception 'no approver' using errcode = 'PR025';
	end if;
	if p_me is distinct from p_first then
		return false;
	end if;
	if request_other_approver(p_me) then
		raise exception 'a second person' using errcode = 'PR025';
	end if;
	return true;
end $$;

-- Who looked at a request before p_me says that it is none: who recorded it; of one that came
-- by itself, a colleague who has worked on it, else p_me alone.
create or replace function request_first_look(r privacy_request, p_me bigint) returns bigint
language sql stable set search_path = public as $$
	select coalesce(r.recorded_by, (select e.by_user from request_event e where e.request_id = r.request_id
		and e.by_user is not null and e.by_user <> p_me order by e.event_id limit 1), p_me);
$$;

-- Earlier requests of the same kind and person, whoever sees them.
create or replace function request_link_earlier(p_request bigint) returns void language sql volatile security definer
set search_path = public as $$
	insert into request_link (request_id, earlier_id)
	select distinct r.request_id, e.request_id
	from privacy_request r
	join request_subject s using (request_id)
	join request_subject o on o.contact_id = s.contact_id or o.user_id = s.user_id
	join privacy_request e on e.request_id = o.request_id
	where r.request_id = p_request and e.kind = r.kind and e.request_id < r.request_id
		and e.state not in ('not_a_request', 'duplicate')
	order by 2 limit 100
	on conflict do nothing;
$$;

-- The check of a step sees that a note is there, whatever whoever takes it may see.
drop policy if exists noted on activity;
create policy noted on activity for select to praya_owner using (opinion_note is not null);
drop policy if exists noted on message;
create policy noted on message for select to praya_owner using (opinion_note is not null);

-- Is what is disputed of an opinion with the record, of one whom the request is about?
create or replace function request_noted(p_request bigint, p_entity text, p_id bigint) returns boolean
language sql stable set search_path = public as $$
	select exists (select from request_subject s join contact c using (contact_id)
			where p_entity = 'contact' and s.request_id = p_request and c.contact_id = p_id and c.opinion_note is not null)
		or exists (select from request_subject s join activity v using (contact_id)
			where p_entity = 'activity' and s.request_id = p_request and v.activity_id = p_id and v.opinion_note is not null)
		or exists (select from request_subject s join message m using (contact_id)
			where p_entity = 'message' and s.request_id = p_request and m.message_id = p_id and m.opinion_note is not null);
$$;

-- What a step asks for beyond request_lacks(): its reasons.
create or replace function request_reasons(r privacy_request, e request_event) returns void
language plpgsql stable set search_path = public as $$
begin
	if e.action in ('delay', 'refuse', 'decline', 'withdraw', 'not_a_request', 'correct_received_at', 'comply_partly',
		'correct_partly') and e.note is null
		or e.action = 'duplicate' and not exists (select from privacy_request d where d.kind = r.kind
			and d.request_id <> r.request_id and d.request_id = (e.data->>'duplicate_of')::bigint)
		or e.action = 'close' and coalesce((e.data->>'copy_sent_on')::date > hk_today(), true)
		or e.action in ('verify') and not e.data ? 'how' then
		raise exception 'reasons' using errcode = 'PR024';
	end if;
	-- s.28: what the copy costs and no more, in the cheapest of the forms it can be had in; for nothing else.
	if e.action <> 'fee' and e.data ?| array['fee', 'fee_items', 'fee_lowest']
		or e.action = 'fee' and (coalesce((e.data->>'fee')::bigint <= 0
				or (e.data->>'fee')::bigint > (e.data->>'fee_lowest')::bigint, true)
			or exists (select from jsonb_object_keys(e.data->'fee_items') k
				where k not in ('copying', 'postage', 'labour', 'media'))
			or (e.data->>'fee')::bigint is distinct from (select sum(v.value::bigint)
				from jsonb_each_text(e.data->'fee_items') v)) then
		raise exception 'fee' using errcode = 'PR024';
	end if;
	-- s.27: entered before the notice goes.
	if e.action in ('refuse', 'comply_partly', 'correct_partly')
		and not exists (select from log_book b where b.request_id = r.request_id) then
		raise exception 'log book' using errcode = 'PR024';
	end if;
	-- s.27(2)(b): what was answered under s.21(2) is taken as such, and its prejudice is entered.
	if e.action = 'not_held' and ((e.ground is not distinct from '21(2)') <> request_undisclosed(r, 'not_held')
		or e.ground = '21(2)' and not exists (select from log_book b where b.request_id = r.request_id
			and b.ground = '21(2)' and b.prejudice)) then
		raise exception 'prejudice' using errcode = 'PR024';
	end if;
	-- s.25(2): of an opinion what is disputed goes with it.
	if (e.data->>'opinion')::boolean and not request_noted(r.request_id, split_part(e.data->>'opinion_of', ':', 1),
			nullif(split_part(e.data->>'opinion_of', ':', 2), '')::bigint) then
		raise exception 'the note of an opinion' using errcode = 'PR024';
	end if;
	if e.action <> 'refuse' then
		return;
	end if;
	if not exists (select from request_ground g where g.kind = r.kind and g.ground = e.ground)
		or e.ground = '20(3)(c)' and (select count(*) < 2 from request_link l where l.request_id = r.request_id)
		or e.ground in ('20(3)(d)', '24(3)(e)') and not e.data ? 'other_user'
		or e.ground = '28(5)' and r.fee_at is null then
		raise exception 'ground' using errcode = 'PR024';
	end if;
end $$;

create or replace function request_moved() returns trigger language plpgsql volatile security definer
set search_path = public as $$
declare
	r privacy_request;
	leads text[];
	me bigint := nullif(current_setting('praya.user_id', true), '')::bigint;
	ends boolean;
begin
	select * into r from privacy_request where request_id = new.request_id for update;
	if not found then
		raise exception 'no request' using errcode = '23503';
	end if;
	-- Another answer than the one that was looked at, or approved.
	if new.action in ('item', 'found') or new.action = 'file' and new.data->>'what' = 'source' then
		update privacy_request set approved_at = null, approved_by = null, package_id = null, updated_at = now(),
			version = version + 1 where request_id = r.request_id;
	end if;
	new.at := now();
	new.by_user := me;
	new.from_state := r.state;
	new.late := false;
	new.sole := false;
	if new.action in ('record', 'assign', 'note', 'item', 'due_moved', 'letter', 'letter_sent', 'find', 'found',
			'file', 'file_seen', 'confirmed', 'upload_link', 'handover', 'handover_missed', 'handover_fetched', 'handover_ended',
			'copy', 'copy_reviewed', 'consent', 'package', 'prepare') then
		new.to_state := r.state;
		return new;
	end if;
	select array_agg(to_state) into leads from request_step s where s.kind = r.kind and s.from_state = r.state
		and s.action = new.action and (new.to_state is null or s.to_state = new.to_state);
	if coalesce(cardinality(leads), 0) <> 1 then
		raise exception 'no such step' using errcode = 'PR021';
	end if;
	new.to_state := leads[1];
	ends := request_ends(r.kind, new.to_state);
	if request_lacks(r, new.action) <> '{}' then
		raise exception 'something is missing' using errcode = 'PR022';
	end if;
	perform request_reasons(r, new);
	if (ends or new.action in ('correct')) and request_is_late(r, new.action) then
		new.late := true;
		if r.kind in ('access', 'correction') and new.late_reason is null then
			raise exception 'late, and no reason' using errcode = 'PR023';
		end if;
	end if;
	if new.action = 'approve' then
		new.sole := request_second_look(me, r.reviewed_by);
	elsif new.action = 'not_a_request'
		or new.action = 'correct_received_at' and (new.data->>'due_on')::date > r.due_on then
		new.sole := request_second_look(me, request_first_look(r, me));
	end if;
	update privacy_request set state = new.to_state, updated_at = now(), version = version + 1,
		late = late or new.late,
		closed_at = case when ends then now() end,
		identity_at = case when new.action = 'verify' then now() else identity_at end,
		identity_by = case when new.action = 'verify' then me else identity_by end,
		identity_how = case when new.action = 'verify' then new.data->>'how' else identity_how end,
		authority_at = case when new.action = 'verify' and (new.data->>'authority')::boolean then now() else authority_at end,
		reviewed_by = case when new.action = 'review' then me when new.action = 'search' then null
			else reviewed_by end,
		package_id = case when new.action in ('approve', 'review', 'search') then null else package_id end,
		-- What is looked through anew is approved anew.
		approved_at = case when new.action = 'approve' then now() when new.action in ('review', 'search') then null
			else approved_at end,
		approved_by = case when new.action = 'approve' then me when new.action in ('review', 'search') then null
			else approved_by end,
		delayed_at = case when new.action = 'delay' then coalesce(delayed_at, now()) else delayed_at end,
		fee_at = case when new.action = 'fee' then now() else fee_at end,
		fee = case when new.action = 'fee' then (new.data->>'fee')::bigint else fee end,
		fee_paid_at = case when new.action = 'fee_paid' then now() else fee_paid_at end,
		duplicate_of = case when new.action = 'duplicate' then (new.data->>'duplicate_of')::bigint else duplicate_of end
	where request_id = r.request_id;
	if new.action = 'correct_received_at' then
		perform request_received(r, new.data);
	end if;
	return new;
end $$;

-- What a request is about is looked for until its answer is put together, and stands then.
create or replace function request_found() returns trigger language plpgsql volatile security definer
set search_path = public as $$
declare
	id bigint := case when tg_op = 'DELETE' then old.request_id else new.request_id end;
begin
	if exists (select from privacy_request r where r.request_id = id
		and (r.closed_at is not null or r.state in ('review', 'fee_pending'))) then
		raise exception 'what was found stands' using errcode = 'PR027';
	end if;
	if tg_op = 'DELETE' then
		return old;
	end if;
	return new;
end $$;
drop trigger if exists found on request_subject;
create trigger found before insert or update or delete on request_subject for each row execute function request_found();
drop trigger if exists found on request_record;
create trigger found before insert or update or delete on request_record for each row execute function request_found();

-- A copy is looked through before it is approved; what was approved stands.
create or replace function request_copy_kept() returns trigger language plpgsql volatile security definer
set search_path = public as $$
declare
	id bigint := case when tg_op = 'DELETE' then old.request_id else new.request_id end;
begin
	if exists (select from privacy_request r where r.request_id = id
		and (r.closed_at is not null or r.approved_at is not null)) then
		raise exception 'what was approved stands' using errcode = 'PR028';
	end if;
	if tg_op = 'DELETE' then
		return old;
	end if;
	if tg_table_name = 'request_alias' then
		new.consented_at := case when new.consent is not null then now() end;
		new.consented_by := case when new.consent is not null
			then nullif(current_setting('praya.user_id', true), '')::bigint end;
	end if;
	if tg_table_name = 'request_copy' then
		if new.reviewed_at is not null and new.ground is null and exists (select from request_mark m
			where m.copy_id = new.copy_id and m.state = 'proposed') then
			raise exception 'undecided' using errcode = 'PR029';
		end if;
	end if;
	return new;
end $$;
drop trigger if exists kept on request_copy;
create trigger kept before insert or update or delete on request_copy for each row execute function request_copy_kept();
drop trigger if exists kept on request_mark;
create trigger kept before insert or update or delete on request_mark for each row execute function request_copy_kept();
drop trigger if exists kept on request_alias;
create trigger kept before update of consent on request_alias for each row execute function request_copy_kept();

-- No package of what nobody looked through and nobody approved.
create or replace function request_package_kept() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	if new.approved_at is null or new.copied_at is null or exists (select from request_copy c
		where c.request_id = new.request_id and (c.reviewed_at is null or (c.ground is null and exists (
			select from request_mark m where m.copy_id = c.copy_id and m.state = 'proposed')))) then
		raise exception 'not looked through' using errcode = 'PR029';
	end if;
	return new;
end $$;
drop trigger if exists package_kept on privacy_request;
create trigger package_kept before update of package_id on privacy_request for each row
	when (new.package_id is not null) execute function request_package_kept();

-- While a request for access or correction is open its people stay as they are.
create or replace function request_holds() returns trigger language plpgsql volatile security definer
set search_path = public as $$
begin
	if coalesce(current_setting('praya.actor_kind', true), '') <> '' and exists (select from request_subject s
		join privacy_request r using (request_id) where s.contact_id = new.contact_id
		and r.closed_at is null and r.kind in ('access', 'correction')) then
		raise exception 'a request holds' using errcode = 'PR030';
	end if;
	return new;
end $$;
drop trigger if exists held on contact;
create trigger held before update of archived_at, erased_at on contact for each row
	when (old.archived_at is null and new.archived_at is not null or old.erased_at is null and new.erased_at is not null)
	execute function request_holds();

-- Contacts whose name has all of these words and no other, in whatever order: as a whole, surname
-- and given name, surname and English or preferred name. Planned so that it cannot go wrong: by the index.
create or replace function people_named(p_names text[]) returns table (name text, person bigint)
language plpgsql stable set search_path = public set enable_seqscan = off as $$
declare
	n text;
	g text[];
	w text[];
begin
	foreach n in array p_names loop
		g := praya_sys.query_grams(n);
		w := people_words(n);
		continue when cardinality(g) = 0 or cardinality(w) < 2;
		return query select n, c.contact_id from (select r.* from contact r
				where r.grams operator(praya_sys.@>>) g and r.erased_at is null limit 50) c
			where w in (people_words(c.name_en), people_words(concat_ws(' ', c.surname_en, c.given_en)),
				people_words(concat_ws(' ', c.english_name, c.surname_en)),
				people_words(concat_ws(' ', c.preferred_name, c.surname_en)));
	end loop;
end $$;
create or replace function people_words(p text) returns text[] language sql immutable set search_path = public as $$
	select array(select t from unnest(praya_sys.tokens(p)) t order by t);
$$;

-- A typing error in the day: the event keeps both.
create or replace function request_received(r privacy_request, p_data jsonb) returns void
language plpgsql volatile set search_path = public as $$
declare
	at timestamptz := (p_data->>'received_at')::timestamptz;
	day date := (at at time zone 'Asia/Hong_Kong')::date;
	term interval;
begin
	select t.term into strict term from law_term t
	where t.code = r.kind || '_reply' and t.from_on <= day order by t.from_on desc limit 1;
	if at is null or at > now() or (p_data->>'due_on')::date is distinct from (day + term)::date
		or coalesce((p_data->>'due_rolled_on')::date < (p_data->>'due_on')::date, true) then
		raise exception 'no such days' using errcode = 'PR024';
	end if;
	update privacy_request set received_at = at, received_on = day, due_on = (p_data->>'due_on')::date,
		due_rolled_on = (p_data->>'due_rolled_on')::date where request_id = r.request_id;
end $$;

drop trigger if exists moved on request_event;
create trigger moved before insert on request_event for each row execute function request_moved();

-- Nobody takes back what happened, whoever the database takes them for.
create or replace function request_stays() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if tg_table_name = 'log_book' and tg_op = 'DELETE' then
		if old.entered_at < now() - (select max(term) from law_term where code = 'log_book') then
			return old;
		end if;
	end if;
	raise exception 'it stays' using errcode = 'PR026';
end $$;
drop trigger if exists stays on privacy_request;
create trigger stays before delete on privacy_request for each row execute function request_stays();
drop trigger if exists stays_all on privacy_request;
create trigger stays_all before truncate on privacy_request for each statement execute function request_stays();
drop trigger if exists stays on request_event;
create trigger stays before update or delete on request_event for each row execute function request_stays();
drop trigger if exists stays_all on request_event;
create trigger stays_all before truncate on request_event for each statement execute function request_stays();
drop trigger if exists stays on log_book;
create trigger stays before delete on log_book for each row execute function request_stays();
drop trigger if exists stays_all on log_book;
create trigger stays_all before truncate on log_book for each statement execute function request_stays();

create or replace function log_book_entered() returns trigger language plpgsql volatile set search_path = public as $$
begin
	new.entered_at := now();
	new.entered_by := nullif(current_setting('praya.user_id', true), '')::bigint;
	return new;
end $$;
drop trigger if exists entered on log_book;
create trigger entered before insert on log_book for each row execute function log_book_entered();
-- An entry's key may go with its time; what it says does not change.
create or replace function log_book_kept() returns trigger language plpgsql volatile set search_path = public as $$
begin
	if (to_jsonb(new) - 'key_id') is distinct from (to_jsonb(old) - 'key_id') then
		raise exception 'it stays' using errcode = 'PR026';
	end if;
	return new;
end $$;
drop trigger if exists kept on log_book;
create trigger kept before update on log_book for each row execute function log_book_kept();

reset role;
