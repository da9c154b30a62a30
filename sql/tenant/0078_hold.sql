-- SPDX-License-Identifier: ISC
-- A hold says why it stands, who looks at it again and when (Cap. 486 s.26(1)).
set role praya_owner;

alter table contact add column hold_ground text,
	add column hold_reviewer_id bigint references app_user,
	add column hold_review_on date,
	add column hold_reminded_on date;
comment on column contact.hold_ground is 'Why it is held: law (s.26(1)(a)), public_interest (s.26(1)(b)), claim';
comment on column contact.hold_reviewer_id is 'Who looks at the hold again';
comment on column contact.hold_review_on is 'When the hold is looked at again';
comment on column contact.hold_reminded_on is 'The day of the last reminder of that';

insert into field (entity, name, column_name, type, label_en, label_zh, section, category, purpose, sealed, enabled, builtin,
	writable, required, listed, max_length, choices, position) values
	('contact', 'hold_ground', 'hold_ground', 'choice', 'Ground of the hold', '暫緩刪除的理由', 'handling', 'none', 'crm',
		false, true, true, true, false, false, null,
		'[{"value": "law", "label_en": "A law forbids erasing it (s.26(1)(a))", "label_zh": "法律禁止刪除（第26(1)(a)條）"},
		{"value": "public_interest", "label_en": "Public interest (s.26(1)(b))", "label_zh": "公眾利益（第26(1)(b)條）"},
		{"value": "claim", "label_en": "Legal claim", "label_zh": "法律申索"}]', 351),
	('contact', 'hold_reviewer_id', 'hold_reviewer_id', 'user', 'Reviewer of the hold', '暫緩刪除的覆核人', 'handling', 'none', 'crm',
		false, true, true, true, false, false, null, null, 352),
	('contact', 'hold_review_on', 'hold_review_on', 'date', 'Review of the hold', '暫緩刪除的覆核日期', 'handling', 'none', 'crm',
		false, true, true, true, false, false, null, null, 353);
do $$
declare f text;
begin
	foreach f in array array['hold_ground', 'hold_reviewer_id', 'hold_review_on'] loop
		execute format('create index %I on contact (%I, updated_at desc, contact_id desc) where %I is not null',
			'contact_by_' || f, f, f);
	end loop;
end $$;

reset role;
