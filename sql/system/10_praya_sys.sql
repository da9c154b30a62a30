-- SPDX-License-Identifier: ISC
-- Schema praya_sys: what only a superuser can make, once in the template.
-- Every file of this folder can be run again; provisioning runs them when one of
-- them changed and keeps their checksum in the schema's comment. It is left out of
-- dumps.
create schema if not exists praya_sys;
grant usage on schema praya_sys to public;

-- Under a policy only leakproof operators may use an index, and @> of arrays is
-- not marked so: it can report an error about its arguments. Over text[] with
-- PostgreSQL's own comparison it cannot, so the same C function gets the mark here.
create or replace function praya_sys.contains(text[], text[]) returns boolean
language internal immutable strict leakproof parallel safe as 'arraycontains';
comment on function praya_sys.contains(text[], text[]) is 'Does the first hold every element of the second';

do $$
begin
	if to_regoperator('praya_sys.@>>(text[],text[])') is null then
		create operator praya_sys.@>> (
			leftarg = text[], rightarg = text[], function = praya_sys.contains,
			restrict = matchingsel, join = matchingjoinsel);
	end if;
	if not exists (select from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace
			where n.nspname = 'praya_sys' and c.opcname = 'text_array_ops') then
		-- The support functions of array_ops; strategy 2 is "contains" to them.
		create operator class praya_sys.text_array_ops for type text[] using gin as
			operator 2 praya_sys.@>> (text[], text[]),
			function 1 bttextcmp(text, text),
			function 2 ginarrayextract(anyarray, internal, internal),
			function 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal,
				internal, internal),
			function 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal,
				internal, internal),
			function 6 ginarraytriconsistent(internal, smallint, anyarray, integer, internal, internal,
				internal),
			storage text;
	end if;
end $$;
