-- SPDX-License-Identifier: ISC
-- Those a record is shared with; imports that run; erasures that still look for remains.
set role praya_owner;

create index record_share_record on record_share (record_id, entity);
create index import_live on import (import_id) where state in ('queued', 'running');
create index erasure_needles on erasure (erased_at) where needles is not null;

reset role;
