-- SPDX-License-Identifier: ISC
-- The log by what it can be searched for. The everyday kinds of event pay for no
-- more than two of the entries.
set role praya_owner;

create index audit_event_ip on audit_event (ip, at, event_id);
create index audit_event_fields on audit_event (field_set_id, at, event_id);
create index audit_event_entity on audit_event (entity, at, event_id)
	where entity not in ('contact', 'company', 'activity', 'message');
create index audit_event_outcome on audit_event (outcome, at, event_id) where outcome <> 'ok';

reset role;
