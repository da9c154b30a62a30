-- SPDX-License-Identifier: ISC
-- What lists can be filtered by, and had no index. Texts that may be longer than
-- an entry of an ordered index are found by the whole only.
set role praya_owner;

create index company_by_address on company using hash (address);
create index company_by_remarks on company using hash (remarks);
create index activity_by_subject on activity using hash (subject);
create index message_by_subject on message using hash (subject);
create index attachment_by_file_name on attachment using hash (file_name);
do $$
declare
	t text;
	f text;
	other text; -- the order of the list
begin
	for t, f, other in values
		('activity', 'due_on', 'happened_at'), ('activity', 'done_at', 'happened_at'),
		('activity', 'kept_until', 'happened_at'), ('activity', 'kept_law', 'happened_at'),
		('message', 'sender', 'happened_at'), ('message', 'kept_until', 'happened_at'),
		('message', 'kept_law', 'happened_at'), ('attachment', 'content_type', 'created_at'),
		('attachment', 'kept_until', 'created_at'), ('attachment', 'kept_law', 'created_at'),
		('invoice', 'due_on', 'issued_on'), ('invoice', 'currency', 'issued_on'),
		('invoice', 'amount', 'issued_on'), ('invoice', 'keep_until', 'issued_on')
	loop
		execute format('create index %I on %I (%I, %I desc, %I desc) where %I is not null',
			t || '_by_' || f, t, f, other, t || '_id', f);
	end loop;
end $$;

-- Custom fields of yes and no: no is found like yes.
do $$
declare
	t text;
	f text;
begin
	for t, f in select entity, column_name from field where type = 'boolean' and not builtin and not sealed
		and to_regclass(entity || '_by_' || column_name) is not null
	loop
		execute format('drop index %I', t || '_by_' || f);
		execute format('create index %I on %I (%I, updated_at desc, %I desc) where %I is not null',
			t || '_by_' || f, t, f, t || '_id', f);
	end loop;
end $$;

reset role;
