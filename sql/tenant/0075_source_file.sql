-- SPDX-License-Identifier: ISC
-- What another source found joins the package of the answer.
set role praya_owner;

alter table request_file drop constraint request_file_what_check;
alter table request_file add constraint request_file_what_check check (what in ('proof', 'answer', 'source'));
alter table request_file add column item_id bigint references request_item;
comment on column request_file.what is 'proof: of identity or authority, destroyed at the decision; answer: handed over to who asks; source: found by another source, part of the package';
comment on column request_file.item_id is 'source: the task of that source';
create index request_file_item on request_file (item_id) where item_id is not null;

reset role;
