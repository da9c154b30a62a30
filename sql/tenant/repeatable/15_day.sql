-- SPDX-License-Identifier: ISC
set role praya_owner;

-- Statutory days are Hong Kong's. No SET clause: it is inlined.
create or replace function hk_today() returns date language sql stable as $$
	select (now() at time zone 'Asia/Hong_Kong')::date
$$;

reset role;
