-- SPDX-License-Identifier: ISC
-- What the workspace's login role may do, through the group praya_tenant.
set role praya_owner;

revoke all on schema public from public;
grant usage on schema public to praya_tenant, praya_backup;
revoke all on all tables in schema public from praya_tenant, public;
grant select, insert, update, delete on all tables in schema public to praya_tenant;
grant select on all tables in schema public to praya_backup;
-- A dump asks every sequence where it stands.
grant select on all sequences in schema public to praya_backup;
grant usage on all sequences in schema public to praya_tenant;
-- Insert and select only: what happened stays; who, when and from where is not
-- for the statement to say. What a law sets ships with Praya.
do $$
declare
	t regclass;
begin
	revoke all on audit_day, audit_mark, audit_month, audit_hold, audit_partition, audit_expired, audit_seal,
		audit_check, field_set, law_term from praya_tenant;
	grant select on audit_day, audit_mark, audit_month, audit_hold, audit_partition, audit_expired, audit_seal,
		audit_check, field_set, law_term to praya_tenant;
	revoke all on audit_event from praya_tenant;
	grant select, insert (action, outcome, entity, record_ids, subject_ids, field_set_id, reason, count,
		key_id, changes) on audit_event to praya_tenant;
	-- Partitions are reached through their parent only.
	for t in select inhrelid::regclass from pg_inherits where inhparent = 'audit_event'::regclass loop
		execute format('revoke all on %s from praya_tenant', t);
	end loop;
	for t in select to_regclass(x) from unnest(array['schema_version', 'schema_repeatable']) x loop
		if t is not null then
			execute format('revoke all on %s from praya_tenant', t);
			execute format('grant select on %s to praya_tenant', t);
		end if;
	end loop;
end $$;
-- Views read as their owner, and nothing is written through them.
revoke insert, update, delete on shared_with_me, record_near, contact_withheld from praya_tenant;
-- No table is emptied or dropped by the workspace's role, and epochs only move by triggers.
revoke insert, update, delete on epoch from praya_tenant;
-- Records are archived or emptied; whoever and whatever an event names stays there to be found.
revoke delete on contact, company, activity, message, attachment, invoice, erasure, workspace,
	app_user, field, job, chore, download, import, export from praya_tenant;
revoke insert on workspace from praya_tenant;
-- Digests stay; what moves is when, and that somebody came back.
revoke update, delete on suppression from praya_tenant;
grant update (since, returned_at, returned_by, returned_how) on suppression to praya_tenant;
-- What a law keeps is made once and ends once.
revoke update on erasure_term, erasure_text from praya_tenant;

reset role;
