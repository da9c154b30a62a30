-- SPDX-License-Identifier: ISC
-- Steps of which the law wants notice are taken once the notice went out.
set role praya_owner;

alter table letter_use add column goes_first boolean not null default false;
comment on column letter_use.goes_first is 'The step is taken only after the letter went out';
insert into letter_use (request_kind, action, letter, position) values ('erasure', 'erase', 'erasure', 32);
update letter_use set goes_first = true
where (request_kind, action) in (('access', 'fee'), ('access', 'not_held'), ('access', 'comply'), ('access', 'comply_partly'),
	('access', 'delay'), ('access', 'refuse'), ('access', 'withdraw'), ('correction', 'correct_partly'),
	('correction', 'delay'), ('correction', 'refuse'), ('correction', 'withdraw'), ('erasure', 'erase'),
	('erasure', 'decline'), ('erasure', 'withdraw'));

reset role;
