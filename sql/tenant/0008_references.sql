-- SPDX-License-Identifier: ISC
-- An index behind every reference: what it points to is not deleted by reading
-- the whole table that points. A person's key goes with the person.
set role praya_owner;

create index contact_key on contact (key_id) where key_id is not null;
create index invoice_bill_to_key on invoice (bill_to_key_id) where bill_to_key_id is not null;
create index erasure_kept_key on erasure (kept_key_id) where kept_key_id is not null;
create index import_key on import (key_id) where key_id is not null;
create index import_job on import (job_id) where job_id is not null;
create index reveal_contact on reveal (contact_id);
create index stored_query_user on stored_query (user_id);
create index app_user_profile on app_user (profile_id);
create index app_user_team on app_user (team_id) where team_id is not null;

reset role;
