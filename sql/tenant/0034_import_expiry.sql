-- SPDX-License-Identifier: ISC
set role praya_owner;

-- What of an import is still there to be destroyed, by age.
create index import_expiry on import (coalesce(finished_at, created_at)) where destroyed_at is null;

reset role;
