-- SPDX-License-Identifier: ISC
-- The log book and invoices leave like any other export.
set role praya_owner;

alter table export drop constraint export_kind_check;
alter table export add constraint export_kind_check check (kind in ('list', 'person', 'workspace', 'log', 'books'));
comment on column export.kind is 'list: records of a list; person: everything on one person; workspace: everything; log: events of the audit log; books: the log book and all invoices';
update job set kind = 'books_export' where kind = 'books';

reset role;
