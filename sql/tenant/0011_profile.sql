-- SPDX-License-Identifier: ISC
-- Profiles as jobs have them: what a field is that came after a profile was last
-- saved, the special rights, and a profile for each usual job.
set role praya_owner;

alter table profile
	add column new_fields text not null default 'hidden'
		check (new_fields in ('hidden', 'masked', 'read', 'edit')),
	add column new_sealed text not null default 'hidden'
		check (new_sealed in ('hidden', 'masked', 'read', 'edit'));
comment on column profile.new_fields is 'Level of a field without a row: one that came after the profile was saved';
comment on column profile.new_sealed is 'The same of an encrypted field';
comment on table profile_field is 'Levels by field; a field without a row has the profile''s level of new fields';

update profile_right set "right" = 'run_requests' where entity = '' and "right" = 'person_export';
update profile set new_fields = 'edit', new_sealed = 'edit' where name = 'administrator' and builtin;
-- Nothing changes for profiles that there are: all their fields without a row were edit.
update profile set new_fields = 'edit' where name <> 'administrator' or not builtin;
insert into profile_field (profile_id, entity, field, level)
select p.profile_id, f.entity, f.name, 'edit' from profile p cross join field f
where f.sealed and (p.name <> 'administrator' or not p.builtin)
on conflict do nothing;

insert into profile (name, builtin, new_fields, new_sealed) values
	('privacy_officer', true, 'edit', 'masked'),
	('sales', true, 'edit', 'hidden'),
	('support', true, 'edit', 'hidden'),
	('marketing', true, 'read', 'hidden'),
	('finance', true, 'edit', 'hidden'),
	('auditor', true, 'read', 'masked')
on conflict (name) do nothing;

insert into profile_right (profile_id, entity, "right", scope)
select p.profile_id, '', r.r, 'all'
from (values
	('administrator', array['manage_users', 'manage_profiles', 'manage_fields', 'manage_workspace', 'run_requests',
		'approve_requests', 'view_audit', 'erase', 'send_marketing', 'approve_exports', 'close_workspace']),
	('privacy_officer', array['manage_fields', 'run_requests', 'approve_requests', 'view_audit', 'erase',
		'approve_exports']),
	('marketing', array['send_marketing']),
	('auditor', array['view_audit'])) s (name, rights)
join profile p on p.name = s.name and p.builtin
cross join unnest(s.rights) r (r)
on conflict do nothing;

insert into profile_right (profile_id, entity, "right", scope)
select p.profile_id, e.e, r.r, s.scope
from (values
	('privacy_officer', '{contact,company,activity,message,attachment,invoice}', '{view,export}', 'all'),
	('privacy_officer', '{contact,company}', '{edit}', 'all'),
	('sales', '{contact,company}', '{view,create,edit}', 'team'),
	('sales', '{contact,company}', '{delete,import}', 'own'),
	('sales', '{activity,message,attachment}', '{view,create}', 'team'),
	('sales', '{activity,message,attachment}', '{edit,delete}', 'own'),
	('sales', '{invoice}', '{view}', 'team'),
	('support', '{contact}', '{view,create,edit}', 'all'),
	('support', '{company}', '{view}', 'all'),
	('support', '{activity,message,attachment}', '{view,create}', 'all'),
	('support', '{activity,message,attachment}', '{edit}', 'own'),
	('marketing', '{contact,company}', '{view}', 'all'),
	('finance', '{contact,company}', '{view}', 'all'),
	('finance', '{attachment}', '{view,create}', 'all'),
	('finance', '{invoice}', '{view,create,edit,delete,export}', 'all'),
	('auditor', '{contact,company,activity,message,attachment,invoice}', '{view}', 'all'))
	s (name, entities, rights, scope)
join profile p on p.name = s.name and p.builtin
cross join unnest(s.entities::text[]) e (e) cross join unnest(s.rights::text[]) r (r)
on conflict do nothing;

insert into profile_field (profile_id, entity, field, level)
select p.profile_id, 'contact', s.field, s.level
from (values ('sales', 'date_of_birth', 'read'), ('finance', 'tax_id', 'read')) s (name, field, level)
join profile p on p.name = s.name and p.builtin
on conflict do nothing;

-- For migrations that add a kind of record: whoever has everything, or sees
-- everything, does so with the new kind, too; for the others it does not exist
-- until a migration or an administrator says so.
create function profile_entity_added(p_entity text) returns void language sql volatile
set search_path = public as $$
	insert into profile_right (profile_id, entity, "right", scope)
	select p.profile_id, p_entity, r.r, 'all'
	from profile p cross join unnest(array['view', 'create', 'edit', 'delete', 'export', 'import']) r (r)
	where p.builtin and (p.name = 'administrator' or (p.name in ('privacy_officer', 'auditor') and r.r = 'view')
		or (p.name = 'privacy_officer' and r.r = 'export'))
	on conflict do nothing;
$$;

reset role;
