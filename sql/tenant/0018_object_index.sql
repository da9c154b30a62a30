-- SPDX-License-Identifier: ISC
-- Which row names a file of the store: the daily sweep asks for every file.
set role praya_owner;

create index attachment_object on attachment (object) where object is not null;
create index download_object on download (object) where destroyed_at is null;
create index import_object on import (object) where object is not null;

reset role;
