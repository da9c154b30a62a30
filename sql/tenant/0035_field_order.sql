-- SPDX-License-Identifier: ISC
-- Custom fields that were there before lists could be sorted by them: as record/order.c
-- says for new ones.
set role praya_owner;

do $$
declare
	f record;
begin
	for f in select entity, column_name, case
			when type in ('text', 'choice', 'email', 'phone', 'url') then '(coalesce(%I, U&''\FFFF'') collate "en-x-icu")'
			when type = 'number' then '(coalesce(%I, 9223372036854775807))'
			when type = 'date' then '(coalesce(%I, ''infinity''::date))'
			when type = 'boolean' then '(coalesce(%I, false))' end as sql
		from field where not builtin and not sealed and state = 'live'
	loop
		if f.sql is not null then
			execute format('create index if not exists %I on %I (' || f.sql || ', %I)',
				f.entity || '_sort_' || f.column_name, f.entity, f.column_name, f.entity || '_id');
		end if;
	end loop;
end $$;

reset role;
