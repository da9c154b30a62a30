-- SPDX-License-Identifier: ISC
-- How many records users see, and would see by other rules, without being them:
-- what the policies of 30_policy.sql say, for many users in one scan. Records that
-- the rules cannot tell apart are counted together first; only a shared one and a
-- private note for named people are looked at one by one. tests/web/test_effect.py
-- holds these numbers against what the users themselves are shown.
set role praya_owner;

-- For each user, by their teams, view scopes (in the order of gate_settings()) and
-- right to see VIP records, as they are and as they would be: how many current
-- records are visible, and how many come and go. No rows when it takes longer than
-- statement_timeout.
create or replace function access_counts(p_entity text, p_users bigint[], p_old_teams bigint[], p_new_teams bigint[],
	p_old text[], p_new text[], p_old_vip boolean, p_new_vip boolean)
returns table (user_id bigint, before bigint, after bigint, gained bigint, lost bigint)
language plpgsql volatile set search_path = public as $$
declare
	kinds constant text[] := array['contact', 'company', 'activity', 'message', 'attachment', 'invoice'];
	names constant text[] := array['contact', 'company', 'activity', p_entity, 'vip', 'wide'];
	kept constant text[] := array(select current_setting('praya.' || n, true) from unnest(names) n);
	at integer := array_position(kinds, p_entity);
	-- Of a class k of records, for a user u: TEAM, SCOPES and VIP stand for old and new.
	owned constant text := '(SCOPES[AT] <> '''' and (k.owner_id = u.id
		or ((not k.vip or VIP) and (SCOPES[AT] = ''all'' or (SCOPES[AT] = ''team'' and k.team_id = u.TEAM)))
		or (k.shared is not null and exists (select from record_share m where m.entity = ''OWNER'' and m.record_id = k.shared
			and (m.user_id = u.id or m.team_id = u.TEAM)))))';
	child constant text := '(SCOPES[AT] <> '''' and case SCOPES[AT]
		when ''own'' then OWN
		when ''team'' then k.owner_id = u.id or k.team_id = u.TEAM or OWN or SCOPES[1] <> ''all''
		else true end)';
	own constant text := '(k.PREFIXcreated_by = u.id or (k.PREFIXcreated_by is null and k.owner_id = u.id))';
	own_activity constant text := '(k.PREFIXcreated_by = u.id or (k.PREFIXcreated_by is null and k.owner_id = u.id)
		or k.doer = u.id)';
	private constant text := '(k.private_to is null or k.PREFIXcreated_by = u.id
		or (k.private_to = ''team'' and k.private_team_id = u.TEAM)
		or (k.note is not null and exists (select from activity_reader x where x.activity_id = k.note and x.user_id = u.id)))';
	note constant text := 'PREFIXowner_id as doer, PREFIXprivate_to as private_to, PREFIXprivate_team_id as private_team_id,
		case when PREFIXprivate_to = ''people'' then PREFIXactivity_id end as note';
	contact constant text := 'c.owner_id, c.team_id, c.vip, m.record_id as shared';
	shared text := 'left join (select distinct record_id from record_share where entity = ''OWNER'') m on m.record_id = c.OWNER_id';
	sees text;
	classes text;
begin
	if at is null then
		raise exception 'no such kind of record' using errcode = '22023';
	end if;
	sees := replace(replace(owned, 'AT', case when at = 2 then '2' else '1' end), 'OWNER', kinds[least(at, 2)]);
	if at > 2 then
		sees := replace(replace(owned, 'AT', '1'), 'OWNER', 'contact');
	end if;
	case p_entity
	when 'contact', 'company' then
		classes := format('select %s, count(*) as n from %I c %s where c.archived_at is null group by 1, 2, 3, 4',
			contact, p_entity, replace(shared, 'OWNER', p_entity));
	when 'activity' then
		classes := format('select %s, r.created_by, %s, count(*) as n from activity r join contact c using (contact_id) %s
			where r.archived_at is null and r.withheld_at is null group by 1, 2, 3, 4, 5, 6, 7, 8, 9', contact, replace(note, 'PREFIX', 'r.'),
			replace(shared, 'OWNER', 'contact'));
		sees := sees || ' and ' || replace(private, 'PREFIX', '') || ' and '
			|| replace(replace(replace(child, 'OWN', own_activity), 'PREFIX', ''), 'AT', '3');
	when 'attachment' then
		-- A file of a private note goes with it.
		classes := format('select %s, r.created_by, v.activity_id is not null as of_note, v.created_by as note_created_by, %s,
			count(*) as n from attachment r join contact c using (contact_id) %s left join activity v using (activity_id)
			where r.archived_at is null and r.withheld_at is null group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11', contact,
			replace(note, 'PREFIX', 'v.'), replace(shared, 'OWNER', 'contact'));
		sees := sees || ' and ' || replace(replace(replace(child, 'OWN', own), 'PREFIX', ''), 'AT', '5')
			|| ' and (not k.of_note or (' || replace(private, 'PREFIX', 'note_') || ' and '
			|| replace(replace(replace(child, 'OWN', own_activity), 'PREFIX', 'note_'), 'AT', '3') || '))';
	else
		classes := format('select %s, r.created_by, count(*) as n from %I r join contact c using (contact_id) %s
			where r.archived_at is null%s group by 1, 2, 3, 4, 5', contact, p_entity, replace(shared, 'OWNER', 'contact'),
			case p_entity when 'message' then ' and r.withheld_at is null' else '' end);
		sees := sees || ' and ' || replace(replace(replace(child, 'OWN', own), 'PREFIX', ''), 'AT', at::text);
	end case;
	-- Everything is counted, whatever the one who asks sees of it: for this statement.
	perform set_config('praya.' || n, case when n in ('vip', 'wide') then '1' else 'all' end, true) from unnest(names) n;
	return query execute format('with k as materialized (%s), u as (select * from unnest($1, $2, $3) u (id, old_team, new_team)),
		s as (select u.id, k.n, coalesce(%s, false) as was, coalesce(%s, false) as becomes from u left join k on true)
		select s.id, coalesce(sum(s.n) filter (where was), 0)::bigint, coalesce(sum(s.n) filter (where becomes), 0)::bigint,
			coalesce(sum(s.n) filter (where becomes and not was), 0)::bigint,
			coalesce(sum(s.n) filter (where was and not becomes), 0)::bigint from s group by s.id',
		classes, replace(replace(replace(sees, 'TEAM', 'old_team'), 'SCOPES', '$4'), 'VIP', '$6'),
		replace(replace(replace(sees, 'TEAM', 'new_team'), 'SCOPES', '$5'), 'VIP', '$7'))
	using p_users, p_old_teams, p_new_teams, p_old, p_new, p_old_vip, p_new_vip;
	perform set_config('praya.' || n, coalesce(k, ''), true) from unnest(names, kept) x (n, k);
exception when query_canceled then
	return; -- which puts the settings back, too
end $$;

reset role;
