-- SPDX-License-Identifier: ISC
-- Names of fields and their columns stand in statements as they are. Who may add a field
-- cannot choose the column, but a workspace made from an export brings rows of its own.
set role praya_owner;

alter table field
	add check (entity ~ '^[a-z][a-z0-9_]*$'),
	add check (name ~ '^[a-z][a-z0-9_]*$'),
	add check (column_name ~ '^[a-z][a-z0-9_]*$'),
	add check (builtin or column_name ~ ('^cf_' || field_id || '(_v[0-9]+)?$'));

reset role;
