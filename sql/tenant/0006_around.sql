-- SPDX-License-Identifier: ISC
-- What records around a person need: finding people by address whatever its
-- letter case, and the periods that laws set.
set role praya_owner;

-- Plain columns, because an expression with lower() cannot use an index under
-- row-level security (lower() may not see rows before the policy has).
alter table contact
	add column email_lower text generated always as (lower(email)) stored,
	add column email2_lower text generated always as (lower(email2)) stored;
comment on column contact.email_lower is 'email as mail is matched with it; follows email';
comment on column contact.email2_lower is 'email2 likewise';
create index contact_email_lower on contact (email_lower) where email_lower is not null;
create index contact_email2_lower on contact (email2_lower) where email2_lower is not null;

-- One's own open tasks, by due date.
create index activity_open_owner on activity (owner_id, due_on, activity_id)
	where kind = 'task' and done_at is null and archived_at is null;

create table law_term (
	code text not null,
	from_on date not null,
	term interval not null,
	law text not null,
	source text not null,
	primary key (code, from_on)
);
comment on table law_term is 'Periods that a law sets, each from the day it is in force; never a number in a program';
comment on column law_term.code is 'What it is the period of';
comment on column law_term.from_on is 'In force from';
comment on column law_term.term is 'The period';
comment on column law_term.law is 'Ordinance and section, as a receipt names it';
comment on column law_term.source is 'Where the text of the law stands';
insert into law_term (code, from_on, term, law, source) values
	('business_records', '1900-01-01', '7 years', 'Cap. 112 s.51C',
		'https://www.elegislation.gov.hk/hk/cap112!en/s51C');

reset role;
