-- SPDX-License-Identifier: ISC
-- The words of a row, and of a search, as n-grams. Changing what grams()
-- returns changes stored columns: they have to be rebuilt in every workspace.
-- No function here has a SET clause: it would double the cost of an insert. All
-- they call is in pg_catalog, which is searched first, or named in full.
-- show_trgm() of PostgreSQL's own contrib is the fastest way to all n-grams of a text.
create extension if not exists pg_trgm schema praya_sys;

-- Lower case, half-width, without accents, Simplified: what is compared.
create or replace function praya_sys.fold(p text) returns text
language plpgsql immutable strict parallel safe as $$
declare
	s text;
	c text;
	f text;
	cs text[];
	was text := '';
	becomes text := '';
begin
	-- As many bytes as characters: ASCII, nothing to look up.
	if octet_length(p) = length(p) then
		return lower(p collate "C");
	end if;
	s := lower(p);
	cs := string_to_array(regexp_replace(s, '[\x01-\x7f]+', '', 'g'), null);
	-- A long text repeats its characters: each is looked up once.
	if cardinality(cs) > 12 then
		cs := tsvector_to_array(array_to_tsvector(cs));
	end if;
	foreach c in array cs loop
		f := praya_sys.fold_char(c);
		if f is not null then
			was := was || c;
			becomes := becomes || f;
		end if;
	end loop;
	return translate(s, was, becomes);
end $$;
comment on function praya_sys.fold(text) is 'Lower case, half-width, without accents, Simplified';

-- ASCII words: every three characters of two blanks, word, blank ("  n", " ng",
-- "ng "), so that names as short as Ng, and what is being typed, are found.
-- Others (Han): every character and every pair.
create or replace function praya_sys.grams(p text) returns text[]
language plpgsql immutable parallel safe as $$
declare
	ascii text := p;
	other text;
	ch text;
	last text;
	g text;
	h text[] := '{}';
begin
	if p is null or p = '' then
		return h;
	elsif octet_length(p) = length(p) then
		return praya_sys.show_trgm(p);
	end if;
	-- Nearly always one Chinese name among ASCII: then only the name is folded.
	other := praya_sys.fold(substring(p from '[^\x01-\x7f].*[^\x01-\x7f]|[^\x01-\x7f]'));
	if octet_length(other) <> 3 * length(other) then
		ascii := praya_sys.fold(p);
		other := trim(regexp_replace(ascii, '[\x01-\x7f]+', ' ', 'g'));
	end if;
	foreach ch in array string_to_array(other, null) loop
		if ch = ' ' then
			last := null;
			continue;
		end if;
		h := h || ch;
		if last is not null then
			g := last || ch;
			h := h || g;
		end if;
		last := ch;
	end loop;
	return praya_sys.show_trgm(regexp_replace(ascii, '[^\x01-\x7f]+', ' ', 'g'))
		|| tsvector_to_array(array_to_tsvector(h));
end $$;
comment on function praya_sys.grams(text) is 'N-grams of a row, each once';

-- A word of one or two letters is looked for at the start of words. A run of
-- letters that is cut off by what stands beside it in the search (ng@) ends or
-- starts a word there; one that is not may be the middle of a longer one.
-- '{}': the search has nothing that an index could find.
-- A statement calls it as (select praya_sys.query_grams($1)): once, not once a row.
create or replace function praya_sys.query_grams(p text) returns text[]
language plpgsql immutable parallel safe cost 10000 as $$
declare
	w text;
	t text[];
	k integer;
	n integer;
	closed boolean;
	o text[] := '{}';
begin
	foreach w in array string_to_array(
		translate(praya_sys.fold(coalesce(p, '')), E',;\t\n\r\f\v', '       '), ' ')
	loop
		t := array(select m[1] from regexp_matches(w, '[a-z0-9]+|[^\x01-\x7f]+|[\x01-\x7f]', 'g') m);
		for k in 1 .. cardinality(t) loop
			n := length(t[k]);
			closed := k < cardinality(t);
			if octet_length(t[k]) > n then
				o := o || case when n = 1 then array[t[k]]
					else array(select substr(t[k], i, 2) from generate_series(1, n - 1) i) end;
				continue;
			end if;
			continue when t[k] !~ '[a-z0-9]';
			o := o || array(select substr(t[k], i, 3) from generate_series(1, n - 2) i);
			if k > 1 or (n < 3 and not closed) then
				o := o || case when n = 1 then '  ' || t[k] else ' ' || left(t[k], 2) end;
			end if;
			if closed and n > 1 then
				o := o || (right(t[k], 2) || ' ');
			end if;
		end loop;
	end loop;
	return array(select distinct g from unnest(o) g order by g);
end $$;
comment on function praya_sys.query_grams(text) is 'The n-grams that a row must have to match a search';
