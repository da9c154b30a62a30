-- SPDX-License-Identifier: ISC
-- pg_repack writes a table anew while others read and write it: so the rows of an
-- erased person leave its files. Made again when the server's package is another
-- version than the extension, and when a run that was killed left something behind.
do $$
declare
	has text;
	want text;
begin
	select extversion into has from pg_extension where extname = 'pg_repack';
	select default_version into want from pg_available_extensions where name = 'pg_repack';
	if has is distinct from want or exists (select from pg_class
			where relnamespace = to_regnamespace('repack') and relkind = 'r') then
		drop extension if exists pg_repack cascade;
		create extension pg_repack;
	end if;
end $$;

-- Its trigger function runs what it is told as its owner: nobody else names it.
revoke all on schema repack from public;
revoke all on all functions in schema repack from public;
revoke all on all tables in schema repack from public;
