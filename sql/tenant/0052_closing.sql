-- SPDX-License-Identifier: ISC
-- Closing a workspace: who asked, who agreed, and when nothing will be left of it.
set role praya_owner;

create table closing (
	closing_id bigint generated always as identity primary key,
	asked_at timestamptz not null default now(),
	asked_by bigint not null references app_user,
	begun_at timestamptz,
	begun_by bigint references app_user,
	closes_at timestamptz,
	told integer,
	ended_at timestamptz,
	ended_by bigint references app_user,
	check ((begun_at is null) = (closes_at is null))
);
comment on table closing is 'Times this workspace was to be closed';
comment on column closing.closing_id is 'Key';
comment on column closing.asked_at is 'An administrator asked';
comment on column closing.asked_by is 'Who';
comment on column closing.begun_at is 'A second one agreed, or there was none: business records are only read from then on';
comment on column closing.begun_by is 'Who';
comment on column closing.closes_at is 'After this, and once no privacy request is open, it is destroyed';
comment on column closing.told is 'Days before it that administrators were last told of';
comment on column closing.ended_at is 'Taken back';
comment on column closing.ended_by is 'By whom';
create unique index closing_open on closing ((true)) where ended_at is null;
create index closing_asked_by on closing (asked_by);
create index closing_begun_by on closing (begun_by);
create index closing_ended_by on closing (ended_by);

reset role;
