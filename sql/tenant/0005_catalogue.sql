-- SPDX-License-Identifier: ISC
-- The catalogue of fields: the one list that forms, lists, filters, the API,
-- import, rights, inventory, export, erasure and the scanner read. A field of
-- a record that is not here does not exist.
set role praya_owner;

create table field (
	field_id bigint generated always as identity primary key,
	entity text not null,
	name text not null,
	column_name text not null,
	type text not null check (type in ('text', 'long_text', 'number', 'date', 'time', 'choice', 'boolean', 'email',
		'phone', 'url', 'hkid', 'size', 'money', 'currency', 'tags', 'user', 'team', 'company', 'contact')),
	label_en text not null,
	label_zh text not null,
	section text not null default 'custom',
	category text not null check (category in ('none', 'identity', 'contact', 'government_id', 'financial',
		'demographic', 'employment', 'preference', 'opinion', 'correspondence', 'health', 'other')),
	purpose text not null default '',
	justification text not null default '',
	sealed boolean not null default false,
	enabled boolean not null default true,
	builtin boolean not null default false,
	writable boolean not null default true,
	required boolean not null default false,
	listed boolean not null default false,
	max_length integer,
	choices jsonb,
	position integer not null default 10000,
	state text not null default 'live' check (state in ('adding', 'live', 'sealing', 'unsealing', 'dropping')),
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by bigint,
	unique (entity, name)
);
comment on table field is 'Every field of every record, built in or custom';
comment on column field.field_id is 'Key; a custom field''s column is cf_<field_id>, never reused';
comment on column field.entity is 'contact, company, activity, message, attachment, invoice';
comment on column field.name is 'Name in the API';
comment on column field.column_name is 'Column of the entity''s table';
comment on column field.type is 'How it is typed, checked, shown';
comment on column field.label_en is 'On English screens';
comment on column field.label_zh is 'On Chinese screens';
comment on column field.section is 'Group on the record''s page';
comment on column field.category is 'Kind of personal data; none: not personal';
comment on column field.purpose is 'What it is collected for (DPP1): a code or a sentence of the business';
comment on column field.justification is 'Why it is needed; for an HKID number the ground of the Code of Practice';
comment on column field.sealed is 'Encrypted under the person''s key; equality only';
comment on column field.enabled is 'Off: nobody sees or fills it';
comment on column field.builtin is 'Ships with Praya';
comment on column field.writable is 'False: kept by Praya itself';
comment on column field.required is 'Must have a value';
comment on column field.listed is 'Column of the list by default';
comment on column field.max_length is 'Characters; null: the default of the type';
comment on column field.choices is '[{value, label_en, label_zh}] of a choice';
comment on column field.position is 'Order';
comment on column field.state is 'live, or what a job is doing with it';
comment on column field.version is 'Moves with every change';
comment on column field.created_at is 'When it was added';
comment on column field.created_by is 'By whom';

insert into field (entity, name, column_name, type, label_en, label_zh, section, category, purpose, sealed, enabled, builtin, writable, required, listed, max_length, choices, position) values
	('contact', 'name_en', 'name_en', 'text', 'English name', '英文姓名', 'name', 'identity', 'crm', false, true, true, true, false, true, null, null, 10),
	('contact', 'name_zh', 'name_zh', 'text', 'Chinese name', '中文姓名', 'name', 'identity', 'crm', false, true, true, true, false, true, 60, null, 20),
	('contact', 'title', 'title', 'choice', 'Title', '稱謂', 'name', 'identity', 'crm', false, true, true, true, false, false, null, '[{"value": "mr", "label_en": "Mr", "label_zh": "先生"}, {"value": "ms", "label_en": "Ms", "label_zh": "女士"}, {"value": "mrs", "label_en": "Mrs", "label_zh": "太太"}, {"value": "miss", "label_en": "Miss", "label_zh": "小姐"}, {"value": "dr", "label_en": "Dr", "label_zh": "博士／醫生"}, {"value": "prof", "label_en": "Prof", "label_zh": "教授"}]', 30),
	('contact', 'surname_en', 'surname_en', 'text', 'Surname', '英文姓氏', 'name', 'identity', 'crm', false, true, true, true, false, false, 80, null, 40),
	('contact', 'given_en', 'given_en', 'text', 'Given name (romanised)', '英文名字（拼音）', 'name', 'identity', 'crm', false, true, true, true, false, false, 80, null, 50),
	('contact', 'english_name', 'english_name', 'text', 'English given name', '英文別名', 'name', 'identity', 'crm', false, true, true, true, false, false, 80, null, 60),
	('contact', 'preferred_name', 'preferred_name', 'text', 'Preferred name', '慣用稱呼', 'name', 'identity', 'crm', false, true, true, true, false, false, 80, null, 70),
	('contact', 'language', 'language', 'choice', 'Language', '語言', 'name', 'preference', 'crm', false, true, true, true, false, false, null, '[{"value": "en", "label_en": "English", "label_zh": "英文"}, {"value": "zh-Hant", "label_en": "Traditional Chinese", "label_zh": "繁體中文"}]', 80),
	('contact', 'company_id', 'company_id', 'company', 'Company', '公司', 'work', 'employment', 'crm', false, true, true, true, false, true, null, null, 90),
	('contact', 'job_title', 'job_title', 'text', 'Job title', '職位', 'work', 'employment', 'crm', false, true, true, true, false, false, null, null, 100),
	('contact', 'email', 'email', 'email', 'Email', '電郵', 'reach', 'contact', 'crm', false, true, true, true, false, true, null, null, 110),
	('contact', 'email2', 'email2', 'email', 'Second email', '第二電郵', 'reach', 'contact', 'crm', false, true, true, true, false, false, null, null, 120),
	('contact', 'phone', 'phone', 'phone', 'Phone', '電話', 'reach', 'contact', 'crm', false, true, true, true, false, true, null, null, 130),
	('contact', 'phone2', 'phone2', 'phone', 'Second phone', '第二電話', 'reach', 'contact', 'crm', false, true, true, true, false, false, null, null, 140),
	('contact', 'whatsapp', 'whatsapp', 'phone', 'WhatsApp', 'WhatsApp', 'reach', 'contact', 'crm', false, true, true, true, false, false, null, null, 150),
	('contact', 'address', 'address', 'long_text', 'Address', '地址', 'reach', 'contact', 'crm', false, true, true, true, false, false, 500, null, 160),
	('contact', 'district', 'district', 'choice', 'District', '地區', 'reach', 'contact', 'crm', false, true, true, true, false, false, null, '[{"value": "central_and_western", "label_en": "Central and Western", "label_zh": "中西區"}, {"value": "wan_chai", "label_en": "Wan Chai", "label_zh": "灣仔區"}, {"value": "eastern", "label_en": "Eastern", "label_zh": "東區"}, {"value": "southern", "label_en": "Southern", "label_zh": "南區"}, {"value": "yau_tsim_mong", "label_en": "Yau Tsim Mong", "label_zh": "油尖旺區"}, {"value": "sham_shui_po", "label_en": "Sham Shui Po", "label_zh": "深水埗區"}, {"value": "kowloon_city", "label_en": "Kowloon City", "label_zh": "九龍城區"}, {"value": "wong_tai_sin", "label_en": "Wong Tai Sin", "label_zh": "黃大仙區"}, {"value": "kwun_tong", "label_en": "Kwun Tong", "label_zh": "觀塘區"}, {"value": "kwai_tsing", "label_en": "Kwai Tsing", "label_zh": "葵青區"}, {"value": "tsuen_wan", "label_en": "Tsuen Wan", "label_zh": "荃灣區"}, {"value": "tuen_mun", "label_en": "Tuen Mun", "label_zh": "屯門區"}, {"value": "yuen_long", "label_en": "Yuen Long", "label_zh": "元朗區"}, {"value": "north", "label_en": "North", "label_zh": "北區"}, {"value": "tai_po", "label_en": "Tai Po", "label_zh": "大埔區"}, {"value": "sha_tin", "label_en": "Sha Tin", "label_zh": "沙田區"}, {"value": "sai_kung", "label_en": "Sai Kung", "label_zh": "西貢區"}, {"value": "islands", "label_en": "Islands", "label_zh": "離島區"}, {"value": "outside_hong_kong", "label_en": "Outside Hong Kong", "label_zh": "香港以外"}]', 170),
	('contact', 'linkedin_url', 'linkedin_url', 'url', 'LinkedIn', 'LinkedIn', 'reach', 'contact', 'crm', false, true, true, true, false, false, null, null, 180),
	('contact', 'hkid', 'hkid', 'hkid', 'HKID number', '香港身份證號碼', 'sensitive', 'government_id', 'identify', true, false, true, true, false, false, null, null, 190),
	('contact', 'tax_id', 'tax_id', 'text', 'Tax ID', '稅務編號', 'sensitive', 'government_id', 'accounting', true, true, true, true, false, false, 40, null, 200),
	('contact', 'date_of_birth', 'date_of_birth', 'date', 'Date of birth', '出生日期', 'sensitive', 'demographic', 'identify', true, true, true, true, false, false, null, null, 210),
	('contact', 'salary', 'salary', 'money', 'Salary', '薪金', 'sensitive', 'financial', 'assessment', true, true, true, true, false, false, null, null, 220),
	('contact', 'bio', 'bio', 'long_text', 'About', '簡介', 'about', 'opinion', 'crm', false, true, true, true, false, false, 5000, null, 230),
	('contact', 'source', 'source', 'text', 'Source', '資料來源', 'about', 'none', 'crm', false, true, true, true, false, false, null, null, 240),
	('contact', 'lifecycle', 'lifecycle', 'choice', 'Stage', '客戶階段', 'about', 'none', 'crm', false, true, true, true, false, true, null, '[{"value": "lead", "label_en": "Lead", "label_zh": "潛在客戶"}, {"value": "prospect", "label_en": "Prospect", "label_zh": "準客戶"}, {"value": "customer", "label_en": "Customer", "label_zh": "客戶"}, {"value": "former", "label_en": "Former customer", "label_zh": "舊客戶"}]', 250),
	('contact', 'tags', 'tags', 'tags', 'Tags', '標籤', 'about', 'opinion', 'crm', false, true, true, true, false, false, null, null, 260),
	('contact', 'owner_id', 'owner_id', 'user', 'Owner', '負責人', 'handling', 'none', 'crm', false, true, true, true, false, true, null, null, 270),
	('contact', 'team_id', 'team_id', 'team', 'Team', '團隊', 'handling', 'none', 'crm', false, true, true, true, false, false, null, null, 280),
	('contact', 'vip', 'vip', 'boolean', 'VIP', '貴賓（VIP）', 'handling', 'none', 'crm', false, true, true, true, false, false, null, null, 290),
	('contact', 'last_activity_at', 'last_activity_at', 'time', 'Last activity', '最近活動', 'handling', 'none', 'crm', false, true, true, false, false, false, null, null, 300),
	('contact', 'last_verified_on', 'last_verified_on', 'date', 'Last verified', '最近核實日期', 'handling', 'none', 'crm', false, true, true, true, false, false, null, null, 310),
	('contact', 'disputed', 'disputed', 'boolean', 'Disputed: do not use', '有爭議：請勿使用', 'handling', 'none', 'crm', false, true, true, true, false, false, null, null, 320),
	('contact', 'deceased_on', 'deceased_on', 'date', 'Date of death', '離世日期', 'handling', 'demographic', 'crm', false, true, true, true, false, false, null, null, 330),
	('contact', 'retention_until', 'retention_until', 'date', 'Keep until', '保留至', 'handling', 'none', 'crm', false, true, true, true, false, false, null, null, 340),
	('contact', 'hold', 'hold', 'boolean', 'Legal hold', '暫緩刪除（法律保留）', 'handling', 'none', 'crm', false, true, true, true, false, false, null, null, 350),
	('company', 'name_en', 'name_en', 'text', 'English name', '英文名稱', 'name', 'none', 'crm', false, true, true, true, false, true, null, null, 10),
	('company', 'name_zh', 'name_zh', 'text', 'Chinese name', '中文名稱', 'name', 'none', 'crm', false, true, true, true, false, true, null, null, 20),
	('company', 'br_number', 'br_number', 'text', 'Business registration no.', '商業登記號碼', 'name', 'none', 'crm', false, true, true, true, false, false, 30, null, 30),
	('company', 'industry', 'industry', 'text', 'Industry', '行業', 'name', 'none', 'crm', false, true, true, true, false, true, null, null, 40),
	('company', 'phone', 'phone', 'phone', 'Phone', '電話', 'reach', 'none', 'crm', false, true, true, true, false, true, null, null, 50),
	('company', 'email', 'email', 'email', 'Email', '電郵', 'reach', 'none', 'crm', false, true, true, true, false, false, null, null, 60),
	('company', 'website', 'website', 'url', 'Website', '網站', 'reach', 'none', 'crm', false, true, true, true, false, false, null, null, 70),
	('company', 'address', 'address', 'long_text', 'Address', '地址', 'reach', 'none', 'crm', false, true, true, true, false, false, 500, null, 80),
	('company', 'district', 'district', 'choice', 'District', '地區', 'reach', 'none', 'crm', false, true, true, true, false, true, null, '[{"value": "central_and_western", "label_en": "Central and Western", "label_zh": "中西區"}, {"value": "wan_chai", "label_en": "Wan Chai", "label_zh": "灣仔區"}, {"value": "eastern", "label_en": "Eastern", "label_zh": "東區"}, {"value": "southern", "label_en": "Southern", "label_zh": "南區"}, {"value": "yau_tsim_mong", "label_en": "Yau Tsim Mong", "label_zh": "油尖旺區"}, {"value": "sham_shui_po", "label_en": "Sham Shui Po", "label_zh": "深水埗區"}, {"value": "kowloon_city", "label_en": "Kowloon City", "label_zh": "九龍城區"}, {"value": "wong_tai_sin", "label_en": "Wong Tai Sin", "label_zh": "黃大仙區"}, {"value": "kwun_tong", "label_en": "Kwun Tong", "label_zh": "觀塘區"}, {"value": "kwai_tsing", "label_en": "Kwai Tsing", "label_zh": "葵青區"}, {"value": "tsuen_wan", "label_en": "Tsuen Wan", "label_zh": "荃灣區"}, {"value": "tuen_mun", "label_en": "Tuen Mun", "label_zh": "屯門區"}, {"value": "yuen_long", "label_en": "Yuen Long", "label_zh": "元朗區"}, {"value": "north", "label_en": "North", "label_zh": "北區"}, {"value": "tai_po", "label_en": "Tai Po", "label_zh": "大埔區"}, {"value": "sha_tin", "label_en": "Sha Tin", "label_zh": "沙田區"}, {"value": "sai_kung", "label_en": "Sai Kung", "label_zh": "西貢區"}, {"value": "islands", "label_en": "Islands", "label_zh": "離島區"}, {"value": "outside_hong_kong", "label_en": "Outside Hong Kong", "label_zh": "香港以外"}]', 90),
	('company', 'remarks', 'remarks', 'long_text', 'Remarks', '備註', 'about', 'none', 'crm', false, true, true, true, false, false, 5000, null, 100),
	('company', 'tags', 'tags', 'tags', 'Tags', '標籤', 'about', 'none', 'crm', false, true, true, true, false, false, null, null, 110),
	('company', 'owner_id', 'owner_id', 'user', 'Owner', '負責人', 'handling', 'none', 'crm', false, true, true, true, false, true, null, null, 120),
	('company', 'team_id', 'team_id', 'team', 'Team', '團隊', 'handling', 'none', 'crm', false, true, true, true, false, false, null, null, 130),
	('activity', 'contact_id', 'contact_id', 'contact', 'Contact', '聯絡人', 'main', 'none', 'crm', false, true, true, true, true, true, null, null, 10),
	('activity', 'kind', 'kind', 'choice', 'Kind', '種類', 'main', 'none', 'crm', false, true, true, true, true, true, null, '[{"value": "note", "label_en": "Note", "label_zh": "備註"}, {"value": "call", "label_en": "Call", "label_zh": "通話"}, {"value": "meeting", "label_en": "Meeting", "label_zh": "會面"}, {"value": "task", "label_en": "Task", "label_zh": "待辦事項"}]', 20),
	('activity', 'subject', 'subject', 'text', 'Subject', '主題', 'main', 'opinion', 'crm', false, true, true, true, false, true, null, null, 30),
	('activity', 'body', 'body', 'long_text', 'Text', '內容', 'main', 'opinion', 'crm', false, true, true, true, false, false, 20000, null, 40),
	('activity', 'happened_at', 'happened_at', 'time', 'When', '時間', 'main', 'none', 'crm', false, true, true, true, false, true, null, null, 50),
	('activity', 'due_on', 'due_on', 'date', 'Due', '到期日', 'main', 'none', 'crm', false, true, true, true, false, true, null, null, 60),
	('activity', 'done_at', 'done_at', 'time', 'Done', '完成時間', 'main', 'none', 'crm', false, true, true, true, false, false, null, null, 70),
	('activity', 'owner_id', 'owner_id', 'user', 'Owner', '負責人', 'main', 'none', 'crm', false, true, true, true, false, false, null, null, 80),
	('activity', 'kept_until', 'kept_until', 'date', 'Kept by law until', '依法保留至', 'law', 'none', 'crm', false, true, true, true, false, false, null, null, 90),
	('activity', 'kept_law', 'kept_law', 'text', 'Law', '法例', 'law', 'none', 'crm', false, true, true, true, false, false, null, null, 100),
	('message', 'contact_id', 'contact_id', 'contact', 'Contact', '聯絡人', 'main', 'none', 'crm', false, true, true, true, true, true, null, null, 10),
	('message', 'channel', 'channel', 'choice', 'Channel', '渠道', 'main', 'none', 'crm', false, true, true, true, true, true, null, '[{"value": "email", "label_en": "Email", "label_zh": "電郵"}, {"value": "whatsapp", "label_en": "WhatsApp", "label_zh": "WhatsApp"}, {"value": "sms", "label_en": "SMS", "label_zh": "短訊"}, {"value": "phone", "label_en": "Phone", "label_zh": "電話"}, {"value": "letter", "label_en": "Letter", "label_zh": "信件"}]', 20),
	('message', 'direction', 'direction', 'choice', 'Direction', '方向', 'main', 'none', 'crm', false, true, true, true, true, true, null, '[{"value": "in", "label_en": "Received", "label_zh": "收到"}, {"value": "out", "label_en": "Sent", "label_zh": "發出"}]', 30),
	('message', 'sender', 'sender', 'text', 'From', '寄件人', 'main', 'contact', 'crm', false, true, true, true, false, false, 320, null, 40),
	('message', 'recipients', 'recipients', 'text', 'To', '收件人', 'main', 'contact', 'crm', false, true, true, true, false, false, 2000, null, 50),
	('message', 'subject', 'subject', 'text', 'Subject', '主題', 'main', 'correspondence', 'crm', false, true, true, true, false, true, 998, null, 60),
	('message', 'body', 'body', 'long_text', 'Text', '內容', 'main', 'correspondence', 'crm', false, true, true, true, false, false, 200000, null, 70),
	('message', 'happened_at', 'happened_at', 'time', 'When', '時間', 'main', 'none', 'crm', false, true, true, true, false, true, null, null, 80),
	('message', 'kept_until', 'kept_until', 'date', 'Kept by law until', '依法保留至', 'law', 'none', 'crm', false, true, true, true, false, false, null, null, 90),
	('message', 'kept_law', 'kept_law', 'text', 'Law', '法例', 'law', 'none', 'crm', false, true, true, true, false, false, null, null, 100),
	('attachment', 'contact_id', 'contact_id', 'contact', 'Contact', '聯絡人', 'main', 'none', 'crm', false, true, true, false, true, true, null, null, 10),
	('attachment', 'file_name', 'file_name', 'text', 'File name', '檔案名稱', 'main', 'correspondence', 'crm', false, true, true, true, false, true, null, null, 20),
	('attachment', 'content_type', 'content_type', 'text', 'Type', '類型', 'main', 'none', 'crm', false, true, true, false, false, false, null, null, 30),
	('attachment', 'size', 'size', 'size', 'Size', '大小', 'main', 'none', 'crm', false, true, true, false, false, true, null, null, 40),
	('attachment', 'kept_until', 'kept_until', 'date', 'Kept by law until', '依法保留至', 'law', 'none', 'crm', false, true, true, true, false, false, null, null, 50),
	('attachment', 'kept_law', 'kept_law', 'text', 'Law', '法例', 'law', 'none', 'crm', false, true, true, true, false, false, null, null, 60),
	('invoice', 'contact_id', 'contact_id', 'contact', 'Contact', '聯絡人', 'main', 'none', 'crm', false, true, true, true, true, true, null, null, 10),
	('invoice', 'number', 'number', 'text', 'Number', '號碼', 'main', 'none', 'crm', false, true, true, true, true, true, 60, null, 20),
	('invoice', 'issued_on', 'issued_on', 'date', 'Date', '日期', 'main', 'none', 'crm', false, true, true, true, true, true, null, null, 30),
	('invoice', 'due_on', 'due_on', 'date', 'Due', '到期日', 'main', 'none', 'crm', false, true, true, true, false, true, null, null, 40),
	('invoice', 'currency', 'currency', 'currency', 'Currency', '貨幣', 'main', 'none', 'crm', false, true, true, true, false, false, null, null, 50),
	('invoice', 'amount', 'amount', 'money', 'Amount', '金額', 'main', 'none', 'crm', false, true, true, true, false, true, null, null, 60),
	('invoice', 'status', 'status', 'choice', 'Status', '狀態', 'main', 'none', 'crm', false, true, true, true, true, true, null, '[{"value": "draft", "label_en": "Draft", "label_zh": "草稿"}, {"value": "issued", "label_en": "Issued", "label_zh": "已發出"}, {"value": "paid", "label_en": "Paid", "label_zh": "已付"}, {"value": "void", "label_en": "Void", "label_zh": "作廢"}]', 70),
	('invoice', 'keep_until', 'keep_until', 'date', 'Kept by law until', '依法保留至', 'law', 'none', 'crm', false, true, true, true, false, false, null, null, 80);
reset role;
