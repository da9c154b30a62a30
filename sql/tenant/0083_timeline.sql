-- SPDX-License-Identifier: ISC
-- A person's page goes back to the first entry: what changed of a person is found
-- among thousands of looks at them, and entries of a kind come in the order of
-- those who may not read when it happened, too.
set role praya_owner;

create index audit_event_changes on audit_event using gin (subject_ids) with (fastupdate = off)
	where entity = 'contact' and action in ('create', 'update', 'archive', 'restore', 'import', 'merge',
		'erase', 'reveal', 'export', 'permission');
create index message_contact_created on message (contact_id, created_at desc, message_id desc) where archived_at is null;
create index activity_contact_created on activity (contact_id, created_at desc, activity_id desc) where archived_at is null;
create index invoice_contact_created on invoice (contact_id, created_at desc, invoice_id desc) where archived_at is null;

reset role;
