-- SPDX-License-Identifier: ISC
-- What the leak tests of a workspace came to.
set role praya_owner;

create table leak_test (
	leak_test_id bigint generated always as identity primary key,
	job_id bigint,
	started_at timestamptz not null default now(),
	finished_at timestamptz,
	last_profile bigint not null default 0,
	leaks bigint not null default 0,
	report jsonb not null default '{}'
);
comment on table leak_test is 'Leak tests: the last thirty. Holds nothing of any person';
comment on column leak_test.leak_test_id is 'Key';
comment on column leak_test.job_id is 'The job that does it; null: the command';
comment on column leak_test.started_at is 'When it began';
comment on column leak_test.finished_at is 'When all profiles had been tried; null: not yet, or given up';
comment on column leak_test.last_profile is 'Profiles up to this number have been tried';
comment on column leak_test.leaks is 'How many leaks were found';
comment on column leak_test.report is 'profiles, routes, answers, canaries, seen, leaks, hits, not_called, blank';
create index leak_test_job on leak_test (job_id);

reset role;
