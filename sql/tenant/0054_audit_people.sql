-- SPDX-License-Identifier: ISC
-- Whose data an event was stands in the event alone, in half the space, and is found
-- there by an index that the worker puts in order: a table of its own, an entry for each
-- person of each list, was four fifths of the log. Indexes by time leave the number out.
set role praya_owner;

alter table contact alter contact_id set maxvalue 2147483647;

drop policy if exists reads on audit_event;
drop index audit_event_actor, audit_event_ip, audit_event_fields;
alter table audit_event alter subject_ids type integer[];
comment on column audit_event.record_ids is 'The records shown or changed; null with people: they are the records, if it is of contacts';
create index audit_event_actor on audit_event (actor_id, at);
create index audit_event_ip on audit_event (ip, at);
create index audit_event_fields on audit_event (field_set_id, at);
create index audit_event_people on audit_event using gin (subject_ids)
	with (fastupdate = on, gin_pending_list_limit = 512);

drop table audit_seen;
comment on column audit_mark.seen_xid is 'Every event of an older transaction is counted in audit_day';
comment on column audit_mark.seen_at is 'When events were counted last';
comment on table audit_mark is 'How far counting has come, and when months were looked at';
alter table audit_month drop column cleared;

reset role;
