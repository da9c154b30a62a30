-- SPDX-License-Identifier: ISC
-- Events that audit_seen does not have yet are found by their transaction. By
-- their time, an hour of a busy day's events was read for every person looked at.
set role praya_owner;

create index audit_event_xid on audit_event (xid);

reset role;
