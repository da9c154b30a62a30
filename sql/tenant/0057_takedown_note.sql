-- SPDX-License-Identifier: ISC
-- Notes can be taken down as messages and files can.
set role praya_owner;

alter table activity add column withheld_at timestamptz;
comment on column activity.withheld_at is 'Since when it is taken down: no policy shows it';
alter table takedown_item drop constraint takedown_item_entity_check;
alter table takedown_item add constraint takedown_item_entity_check check (entity in ('message', 'activity', 'attachment'));
comment on column takedown_item.entity is 'message, activity or attachment';

reset role;
