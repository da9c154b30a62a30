-- SPDX-License-Identifier: ISC
-- While a workspace closes nobody changes its business records, whichever way they come. What the law asks
-- goes on: privacy requests, the log book, an erasure (which widens its view first), mail that comes in, and what
-- the worker does but for imports, which are somebody's however they come.
set role praya_owner;

-- PR051: the workspace is closing.
create or replace function closing_stops() returns trigger language plpgsql set search_path = public as $$
begin
	if (coalesce(current_setting('praya.actor_kind', true), '') in ('user', 'operator')
			and coalesce(current_setting('praya.wide', true), '') <> '1'
			or coalesce(current_setting('praya.route', true), '') in ('job.import', 'cli import'))
		and exists (select from closing where ended_at is null and begun_at is not null) then
		raise exception 'the workspace is closing' using errcode = 'PR051';
	end if;
	return null;
end $$;

do $$
declare
	t text;
begin
	for t in select distinct entity from field union select unnest(array['invoice_line', 'import', 'record_share', 'field']) loop
		execute format('drop trigger if exists closing_stops on %I', t);
		execute format('create trigger closing_stops after insert or update or delete on %I '
			'for each statement execute function closing_stops()', t);
	end loop;
end $$;

-- Everybody sees it on the next page.
drop trigger if exists epoch_access on closing;
create trigger epoch_access after insert or update on closing
	for each statement execute function epoch_move('access');

reset role;
