-- SPDX-License-Identifier: ISC
-- The newest head of the log goes to administrators by mail once a month, where that is
-- wanted: a copy where nobody who has the databases can write.
set role praya_owner;

alter table workspace add column head_mail boolean not null default false,
	add column head_mailed date;
comment on column workspace.head_mail is 'Administrators get the head of the log each month';
comment on column workspace.head_mailed is 'The month in which they last got it: its first day, in Hong Kong';

reset role;
