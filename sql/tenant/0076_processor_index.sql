-- SPDX-License-Identifier: ISC
-- The trust page names processors alone.
set role praya_owner;

create index other_source_processor on other_source (source_id) where active and kind = 'processor';

reset role;
