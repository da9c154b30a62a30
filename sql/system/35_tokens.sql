-- SPDX-License-Identifier: ISC
-- What a text can be found by when somebody looks for a person: its words, each
-- pair of characters of a script without blanks, the last eight digits of a number
-- however it is grouped (n:), identity card numbers however they are written (h:).
-- Words are whole: an index of these is a tenth of one of n-grams. Changing what
-- tokens() returns changes indexes: they have to be rebuilt in every workspace.
--
-- LEAKPROOF, so that an index on it is used under a policy: nothing here can fail by
-- what a text says. Words are cut at 40 characters, as long as an entry may be.
create or replace function praya_sys.tokens(p text, p2 text default null, p3 text default null, p4 text default null)
returns text[] language plpgsql immutable parallel safe leakproof cost 10000 as $$
declare
	f text := praya_sys.fold(concat_ws(' ', p, p2, p3, p4));
	t text[];
	m text;
	g text;
	run text;
	last text;
begin
	t := array_remove(regexp_split_to_array(regexp_replace(f, '([a-z0-9]{40})', '\1 ', 'g'), '[^a-z0-9]+'), '');
	if octet_length(f) <> length(f) then
		foreach g in array string_to_array(f, null) loop
			if octet_length(g) = 1 then
				last := null;
				continue;
			end if;
			if last is not null then
				t := t || (last || g);
			end if;
			last := g;
		end loop;
	end if;
	if f ~ '[0-9].{4,}[0-9]' then
		for m in select x[1] from regexp_matches(f, '[0-9][0-9 ().-]{6,}[0-9]', 'g') x loop
			run := '';
			foreach g in array regexp_split_to_array(m, '[^0-9]+') loop
				run := right(run || g, 30);
				if length(run) >= 8 then
					t := t || ('n:' || right(run, 8));
				end if;
			end loop;
		end loop;
		for m in select x[1] || x[2] from regexp_matches(f,
			'\m([a-z]{1,2}) ?([0-9]{6}) ?[(]?[0-9a][)]?(?![0-9a-z])', 'g') x
		loop
			t := t || ('h:' || m);
		end loop;
	end if;
	return t;
end $$;
comment on function praya_sys.tokens(text, text, text, text) is 'What a text can be found by';

-- What a text must have to be one that is looked for; '{}': too little to look for.
create or replace function praya_sys.query_tokens(p text) returns text[]
language plpgsql immutable parallel safe cost 10000 as $$
declare
	f text := trim(praya_sys.fold(coalesce(p, '')));
	digits text := regexp_replace(f, '[^0-9]', '', 'g');
	h text[] := regexp_match(f, '^([a-z]{1,2}) ?([0-9]{6}) ?[(]?[0-9a][)]?$');
begin
	if h is not null then
		return array['h:' || h[1] || h[2]];
	elsif f ~ '^[+]?[0-9 ().-]+$' and length(digits) >= 8 then
		return array['n:' || right(digits, 8)];
	end if;
	return array(select distinct t from unnest(praya_sys.tokens(f)) t
		where t !~ '^[nh]:' and (length(t) > 1 or t ~ '[^\x01-\x7f]') order by 1);
end $$;
comment on function praya_sys.query_tokens(text) is 'What a text must have to match a search for a person';

-- Patterns for LIKE, over folded text, of what tokens do not say by themselves:
-- characters that stand beside each other, addresses. p_all: of every word.
create or replace function praya_sys.query_patterns(p text, p_all boolean) returns text[]
language plpgsql immutable parallel safe cost 10000 as $$
declare
	f text := trim(praya_sys.fold(coalesce(p, '')));
begin
	if not p_all and praya_sys.query_tokens(p)::text ~ '[{,]"?[nh]:' then
		return '{}';
	end if;
	return array(select '%' || regexp_replace(w, '([\\%_])', '\\\1', 'g') || '%'
		from regexp_split_to_table(f, '[ ,;]+') w where w <> '' and (p_all or w !~ '^[a-z0-9]+$'));
end $$;
comment on function praya_sys.query_patterns(text, boolean) is 'What a text that is found has in one piece';
