-- SPDX-License-Identifier: ISC
-- Messages a week, counted on an index alone. contact_id is what the policy asks for.
set role praya_owner;

create index message_week on message (direction, happened_at) include (contact_id)
	where archived_at is null;

reset role;
