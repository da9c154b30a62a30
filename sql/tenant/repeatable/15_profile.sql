-- SPDX-License-Identifier: ISC
-- Nobody raises own rights, hands out more than they have, or takes the last
-- administrator away: kept here, whatever the programs do. Whoever comes through
-- the gate is held to it; the worker, the operator's commands and migrations are not.
-- PR011: own rights; PR012: more rights than one's own; PR013: the last
-- administrator; PR014: the administrator's profile stays as it is.
set role praya_owner;

create or replace function access_rank(p_word text) returns integer language sql immutable as $$
	select case p_word when 'own' then 1 when 'team' then 2 when 'all' then 3
		when 'masked' then 1 when 'read' then 2 when 'edit' then 3 else 0 end;
$$;

-- What a profile makes of a field; hidden of one that it has never heard of.
create or replace function profile_level(p_profile bigint, p_entity text, p_field text) returns text
language sql stable set search_path = public as $$
	select coalesce(
		(select level from profile_field where profile_id = p_profile and entity = p_entity and field = p_field),
		(select case when f.sealed then p.new_sealed else p.new_fields end from profile p, field f
			where p.profile_id = p_profile and f.entity = p_entity and f.name = p_field),
		'hidden');
$$;

-- Is there a right, or a field, that the profile has and the user's own has not?
create or replace function profile_exceeds(p_profile bigint, p_user bigint) returns boolean
language sql stable set search_path = public as $$
	with mine as (select p.* from profile p join app_user u using (profile_id) where u.user_id = p_user)
	select not exists (select from mine)
		or exists (select from profile_right t where t.profile_id = p_profile and not exists (
			select from profile_right m join mine using (profile_id)
			where m.entity = t.entity and m."right" = t."right"
				and access_rank(m.scope) >= access_rank(t.scope)))
		or exists (select from profile t, mine m where t.profile_id = p_profile
			and (access_rank(t.new_fields) > access_rank(m.new_fields)
				or access_rank(t.new_sealed) > access_rank(m.new_sealed)))
		or exists (select from regexp_split_to_table(profile_levels(p_profile), '') with ordinality t (level, n)
			join regexp_split_to_table((select profile_levels(profile_id) from mine), '')
				with ordinality o (level, n) using (n)
			where position(t.level in 'hmre') > position(o.level in 'hmre'));
$$;

-- Whom the guards hold: 0 for somebody unknown, null for those they let be.
create or replace function access_actor() returns bigint language sql stable as $$
	select case when coalesce(current_setting('praya.actor_kind', true), '') in ('', 'worker', 'cli') then null
		else coalesce(nullif(current_setting('praya.user_id', true), '')::bigint, 0) end;
$$;

-- The profile of whoever asks, who is about to change p_target; null: let be.
create or replace function access_changes(p_target bigint) returns bigint
language plpgsql stable set search_path = public as $$
declare
	actor bigint := access_actor();
	mine bigint;
begin
	if actor is null then
		return null;
	end if;
	if exists (select from profile where profile_id = p_target and builtin and name = 'administrator') then
		raise exception 'the administrator''s profile is fixed' using errcode = 'PR014';
	end if;
	select profile_id into mine from app_user where user_id = actor;
	if mine is null or mine = p_target then
		raise exception 'own rights' using errcode = 'PR011';
	end if;
	return mine;
end $$;

create or replace function access_refuse_more(p_was text, p_becomes text, p_mine text) returns void
language plpgsql immutable as $$
begin
	if access_rank(p_becomes) > greatest(access_rank(p_was), access_rank(p_mine)) then
		raise exception 'more rights than one''s own' using errcode = 'PR012';
	end if;
end $$;

create or replace function profile_guard() returns trigger language plpgsql set search_path = public as $$
declare
	mine bigint;
	my profile;
begin
	-- To ask for a second step of signing in gives nobody anything.
	if tg_op = 'UPDATE' and to_jsonb(new) - 'require_totp' - 'version' = to_jsonb(old) - 'require_totp' - 'version' then
		return new;
	end if;
	if tg_op = 'INSERT' then
		select u.profile_id into mine from app_user u where u.user_id = access_actor();
	else
		mine := access_changes(old.profile_id);
	end if;
	if access_actor() is null or tg_op = 'DELETE' then
		return case when tg_op = 'DELETE' then old else new end;
	end if;
	select * into my from profile where profile_id = mine;
	perform access_refuse_more(case when tg_op = 'UPDATE' then old.new_fields end, new.new_fields, my.new_fields);
	perform access_refuse_more(case when tg_op = 'UPDATE' then old.new_sealed end, new.new_sealed, my.new_sealed);
	return new;
end $$;

create or replace function profile_right_guard() returns trigger language plpgsql set search_path = public as $$
declare
	mine bigint := access_changes(case when tg_op = 'DELETE' then old.profile_id else new.profile_id end);
begin
	if mine is null or tg_op = 'DELETE' then
		return case when tg_op = 'DELETE' then old else new end;
	end if;
	if tg_op = 'UPDATE' and (old.profile_id, old.entity, old."right") <> (new.profile_id, new.entity, new."right") then
		raise exception 'a right stays with its profile' using errcode = 'PR012';
	end if;
	perform access_refuse_more(case when tg_op = 'UPDATE' then old.scope end, new.scope, (select scope
		from profile_right m where m.profile_id = mine and m.entity = new.entity and m."right" = new."right"));
	return new;
end $$;

create or replace function profile_field_guard() returns trigger language plpgsql set search_path = public as $$
declare
	r profile_field := case when tg_op = 'DELETE' then old else new end;
	mine bigint := access_changes(r.profile_id);
	presets text;
begin
	if mine is null then
		return r;
	end if;
	if tg_op = 'UPDATE' and (old.profile_id, old.entity, old.field) <> (new.profile_id, new.entity, new.field) then
		raise exception 'a level stays with its field' using errcode = 'PR012';
	end if;
	-- Without its row a field is what new ones are; without its profile it is nothing.
	select case when coalesce(f.sealed, true) then p.new_sealed else p.new_fields end into presets
	from profile p left join field f on f.entity = r.entity and f.name = r.field where p.profile_id = r.profile_id;
	perform access_refuse_more(case when tg_op = 'INSERT' then presets else old.level end,
		case when tg_op = 'DELETE' then presets else new.level end, profile_level(mine, r.entity, r.field));
	return r;
end $$;

create or replace function app_user_guard() returns trigger language plpgsql set search_path = public as $$
declare
	actor bigint := access_actor();
begin
	if actor is null then
		return new;
	end if;
	if tg_op = 'UPDATE' then
		if (old.profile_id, old.team_id, old.active) is not distinct from (new.profile_id, new.team_id, new.active) then
			return new;
		end if;
		if actor = new.user_id then
			raise exception 'own rights' using errcode = 'PR011';
		end if;
		if profile_exceeds(old.profile_id, actor) then
			raise exception 'somebody with more rights' using errcode = 'PR012';
		end if;
	end if;
	if new.active and profile_exceeds(new.profile_id, actor) then
		raise exception 'more rights than one''s own' using errcode = 'PR012';
	end if;
	return new;
end $$;

-- Changes of rights wait for each other on the epoch's row, so that not two of
-- them take the last two administrators away at once.
create or replace function administrator_stays() returns trigger language plpgsql security definer
set search_path = public as $$
begin
	perform from epoch for update;
	if (tg_argv[0] = 'always' or exists (select from app_user)) and not exists (select from app_user u where u.active
		and (select count(*) from profile_right r where r.profile_id = u.profile_id and r.entity = ''
			and r."right" in ('manage_users', 'manage_profiles')) = 2)
	then
		raise exception 'the last administrator' using errcode = 'PR013';
	end if;
	return null;
end $$;

drop trigger if exists guard on profile;
create trigger guard before insert or update or delete on profile for each row execute function profile_guard();
drop trigger if exists guard on profile_right;
create trigger guard before insert or update or delete on profile_right
	for each row execute function profile_right_guard();
drop trigger if exists guard on profile_field;
create trigger guard before insert or update or delete on profile_field
	for each row execute function profile_field_guard();
drop trigger if exists guard on app_user;
create trigger guard before insert or update of profile_id, team_id, active on app_user
	for each row execute function app_user_guard();
drop trigger if exists stays on app_user;
create trigger stays after update of profile_id, active on app_user
	for each statement execute function administrator_stays('unless empty');
drop trigger if exists stays_somebody on app_user;
create trigger stays_somebody after delete on app_user
	for each statement execute function administrator_stays('always');
drop trigger if exists stays on profile_right;
create trigger stays after update or delete on profile_right
	for each statement execute function administrator_stays('unless empty');

reset role;
