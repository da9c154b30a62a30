-- SPDX-License-Identifier: ISC
-- One's own imports, and the companies that one of them made.
set role praya_owner;

create index import_by_user on import (created_by, import_id desc);
create index company_import on company (import_id) where import_id is not null;

reset role;
