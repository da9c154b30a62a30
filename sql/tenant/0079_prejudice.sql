-- SPDX-License-Identifier: ISC
-- s.21(2), s.27(2)(b): whoever is told nothing but that nothing need be disclosed, of him the
-- log book holds what the disclosure would have prejudiced.
set role praya_owner;

alter table log_book add column prejudice boolean not null default false;
comment on column log_book.prejudice is 'Its reasons say what a disclosure would prejudice (s.21(2))';
alter table log_book add check (ground <> '21(2)' or prejudice or corrects is not null);

reset role;
