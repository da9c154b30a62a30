-- SPDX-License-Identifier: ISC
-- What somebody disputes of an opinion on them goes with it wherever it is shown or
-- leaves (Cap. 486 s.25(2)): a field of the catalogue that nobody types into.
set role praya_owner;

alter table contact add column opinion_note text;
alter table activity add column opinion_note text;
alter table message add column opinion_note text;
comment on column contact.opinion_note is 'What the person disputes of an opinion in this record (s.25(2)); null: nothing';
comment on column activity.opinion_note is 'What the person disputes of an opinion in this record (s.25(2)); null: nothing';
comment on column message.opinion_note is 'What the person disputes of an opinion in this record (s.25(2)); null: nothing';
insert into field (entity, name, column_name, type, label_en, label_zh, section, category, purpose, sealed, enabled, builtin,
	writable, required, listed, max_length, choices, position)
select e, 'opinion_note', 'opinion_note', 'long_text', 'Disputed by the person (s.25(2))', '當事人的爭議註明（第25(2)條）', 'law', 'opinion',
	'crm', false, true, true, false, false, false, 40000, null, 1000000
from unnest(array['contact', 'activity', 'message']) e;

reset role;
