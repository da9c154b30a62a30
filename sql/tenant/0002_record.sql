-- SPDX-License-Identifier: ISC
-- Keys and records. A record is selected and changed by record/ only; who sees
-- which row is decided by the policies of repeatable/policy.sql.
set role praya_owner;

create table data_key (
	key_id bigint generated always as identity primary key,
	contact_id bigint,
	purpose text not null,
	wrapped bytea not null,
	kek_version integer not null default 1,
	keep_until date,
	created_at timestamptz not null default now()
);
comment on table data_key is 'Keys wrapped by the workspace''s key. Deleting a row makes what it sealed unreadable';
comment on column data_key.key_id is 'Named by every value it sealed';
comment on column data_key.contact_id is 'Whose key; null: a key for one purpose';
comment on column data_key.purpose is 'person, bill_to, kept, import';
comment on column data_key.wrapped is 'The key, sealed by the workspace''s key';
comment on column data_key.kek_version is 'Version of the workspace''s key';
comment on column data_key.keep_until is 'bill_to and kept: the law''s last day, erased after it';
comment on column data_key.created_at is 'When it was made';
create index data_key_contact on data_key (contact_id);
create index data_key_keep on data_key (keep_until) where keep_until is not null;

create table company (
	company_id bigint generated always as identity primary key,
	name_en text,
	name_zh text,
	br_number text,
	phone text,
	email text,
	website text,
	industry text,
	address text,
	district text,
	remarks text,
	tags text[],
	owner_id bigint references app_user,
	team_id bigint references team,
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by bigint,
	updated_at timestamptz not null default now(),
	archived_at timestamptz,
	import_id bigint,
	grams text[] not null generated always as (praya_sys.grams(
		coalesce(name_en, '') || ' ' || coalesce(name_zh, '') || ' ' || coalesce(br_number, '')
		|| ' ' || coalesce(phone, '') || ' ' || coalesce(email, ''))) stored
);
comment on table company is 'Organisations that contacts belong to';

create table contact (
	contact_id bigint generated always as identity primary key,
	key_id bigint references data_key on delete set null,
	name_en text,
	preferred_name text,
	language text,
	surname_en text,
	given_en text,
	english_name text,
	name_zh text,
	title text,
	company_id bigint references company,
	job_title text,
	email text,
	email2 text,
	phone text,
	phone2 text,
	whatsapp text,
	address text,
	district text,
	hkid bytea,
	hkid_bi bytea,
	tax_id bytea,
	tax_id_bi bytea,
	date_of_birth bytea,
	date_of_birth_bi bytea,
	salary bytea,
	salary_bi bytea,
	linkedin_url text,
	bio text,
	source text,
	lifecycle text,
	tags text[],
	owner_id bigint references app_user,
	team_id bigint references team,
	vip boolean not null default false,
	last_activity_at timestamptz,
	last_verified_on date,
	disputed boolean not null default false,
	deceased_on date,
	retention_until date,
	hold boolean not null default false,
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by bigint,
	updated_at timestamptz not null default now(),
	archived_at timestamptz,
	erased_at timestamptz,
	import_id bigint,
	grams text[] not null generated always as (praya_sys.grams(
		coalesce(name_en, '') || ' ' || coalesce(preferred_name, '') || ' '
		|| coalesce(surname_en, '') || ' ' || coalesce(given_en, '') || ' '
		|| coalesce(english_name, '') || ' ' || coalesce(name_zh, '') || ' '
		|| coalesce(email, '') || ' ' || coalesce(email2, '') || ' '
		|| coalesce(phone, '') || ' ' || coalesce(phone2, '') || ' '
		|| coalesce(whatsapp, ''))) stored
);
comment on table contact is 'People';

create table activity (
	activity_id bigint generated always as identity primary key,
	contact_id bigint not null references contact,
	kind text not null,
	subject text,
	body text,
	happened_at timestamptz not null default now(),
	due_on date,
	done_at timestamptz,
	owner_id bigint references app_user,
	kept_until date,
	kept_law text,
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by bigint,
	updated_at timestamptz not null default now(),
	archived_at timestamptz
);
comment on table activity is 'Notes, calls, meetings and tasks about a person';

create table message (
	message_id bigint generated always as identity primary key,
	contact_id bigint not null references contact,
	channel text not null,
	direction text not null,
	sender text,
	recipients text,
	subject text,
	body text,
	happened_at timestamptz not null default now(),
	source text not null default 'hand',
	mail_key bytea,
	kept_until date,
	kept_law text,
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by bigint,
	updated_at timestamptz not null default now(),
	archived_at timestamptz
);
comment on table message is 'What was written to or by a person, on any channel';

create table attachment (
	attachment_id bigint generated always as identity primary key,
	contact_id bigint not null references contact,
	message_id bigint references message,
	activity_id bigint references activity,
	file_name text,
	content_type text,
	size bigint not null,
	sha256 bytea,
	object text,
	object_key bytea,
	kept_until date,
	kept_law text,
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by bigint,
	updated_at timestamptz not null default now(),
	archived_at timestamptz
);
comment on table attachment is 'Files of a person; the bytes lie sealed in the file store';

create table invoice (
	invoice_id bigint generated always as identity primary key,
	contact_id bigint not null references contact,
	number text not null,
	issued_on date not null,
	due_on date,
	currency text not null default 'HKD',
	amount bigint not null default 0,
	status text not null,
	bill_to bytea,
	bill_to_key_id bigint references data_key on delete set null,
	keep_until date not null,
	version bigint not null default 1,
	created_at timestamptz not null default now(),
	created_by bigint,
	updated_at timestamptz not null default now(),
	archived_at timestamptz
);
comment on table invoice is 'Financial history: stays, and adds up, when its person is erased';

create table invoice_line (
	invoice_line_id bigint generated always as identity primary key,
	invoice_id bigint not null references invoice on delete cascade,
	position integer not null,
	description text,
	quantity bigint not null,
	unit_amount bigint not null,
	amount bigint not null
);
comment on table invoice_line is 'Lines of an invoice, in minor units of its currency';

create table kept_field (
	contact_id bigint not null references contact,
	field text not null,
	until date not null,
	law text not null,
	primary key (contact_id, field)
);
comment on table kept_field is 'Fields of a person that a law wants kept until a date, whatever the person asks';

-- Lists: newest first, and every order and filter the screens offer. A null is
-- never filtered for, so it costs no index entry.
create index contact_updated on contact (updated_at desc, contact_id desc) where archived_at is null;
create index contact_updated_all on contact (updated_at desc, contact_id desc);
create index contact_created on contact (created_at desc, contact_id desc);
-- As src/record/entity.c sorts: by what people read, those without at the end.
create index contact_name_en on contact ((coalesce(name_en, U&'\FFFF') collate "en-x-icu"), contact_id);
create index contact_name_zh on contact ((coalesce(name_zh, U&'\FFFF') collate "zh-Hant-x-icu"), contact_id);
create index contact_last_activity on contact ((coalesce(last_activity_at, '-infinity'::timestamptz)), contact_id);
create index contact_by_name_en on contact (name_en, updated_at desc, contact_id desc) where name_en is not null;
create index contact_by_name_zh on contact (name_zh, updated_at desc, contact_id desc) where name_zh is not null;
create index contact_by_last_activity on contact (last_activity_at, contact_id) where last_activity_at is not null;
create index contact_grams on contact using gin (grams praya_sys.text_array_ops);
create index contact_hkid_bi on contact (hkid_bi) where hkid_bi is not null;
create index contact_tax_id_bi on contact (tax_id_bi) where tax_id_bi is not null;
create index contact_date_of_birth_bi on contact (date_of_birth_bi) where date_of_birth_bi is not null;
create index contact_salary_bi on contact (salary_bi) where salary_bi is not null;
create index contact_import on contact (import_id) where import_id is not null;
create index contact_archived on contact (archived_at desc, contact_id desc) where archived_at is not null;
do $$
declare f text;
begin
	foreach f in array array['surname_en', 'given_en', 'english_name', 'preferred_name', 'language', 'title',
		'company_id', 'job_title', 'email', 'email2', 'phone', 'phone2', 'whatsapp', 'district', 'linkedin_url',
		'source', 'lifecycle', 'owner_id', 'team_id', 'last_verified_on', 'deceased_on', 'retention_until']
	loop
		execute format('create index %I on contact (%I, updated_at desc, contact_id desc) where %I is not null',
			'contact_by_' || f, f, f);
	end loop;
	foreach f in array array['vip', 'disputed', 'hold'] loop
		execute format('create index %I on contact (updated_at desc, contact_id desc) where %I', 'contact_by_' || f, f);
	end loop;
end $$;
create index contact_by_tags on contact using gin (tags praya_sys.text_array_ops);
create index contact_by_address on contact using hash (address);
create index contact_by_bio on contact using hash (bio);

create index company_updated on company (updated_at desc, company_id desc);
create index company_name_en on company ((coalesce(name_en, U&'\FFFF') collate "en-x-icu"), company_id);
create index company_name_zh on company ((coalesce(name_zh, U&'\FFFF') collate "zh-Hant-x-icu"), company_id);
create index company_grams on company using gin (grams praya_sys.text_array_ops);
do $$
declare f text;
begin
	foreach f in array array['name_en', 'name_zh', 'br_number', 'phone', 'email', 'website', 'industry', 'district', 'owner_id', 'team_id'] loop
		execute format('create index %I on company (%I, updated_at desc, company_id desc) where %I is not null',
			'company_by_' || f, f, f);
	end loop;
end $$;
create index company_by_tags on company using gin (tags praya_sys.text_array_ops);

create index activity_contact on activity (contact_id, happened_at desc, activity_id desc);
create index activity_happened on activity (happened_at desc, activity_id desc);
create index activity_by_kind on activity (kind, happened_at desc, activity_id desc);
create index activity_by_owner on activity (owner_id, happened_at desc, activity_id desc);
create index activity_open on activity (due_on, activity_id) where kind = 'task' and done_at is null;
create index message_contact on message (contact_id, happened_at desc, message_id desc);
create index message_happened on message (happened_at desc, message_id desc);
create index message_by_channel on message (channel, happened_at desc, message_id desc);
create index message_by_direction on message (direction, happened_at desc, message_id desc);
create index message_mail on message (mail_key) where mail_key is not null;
create index attachment_contact on attachment (contact_id, created_at desc, attachment_id desc);
create index attachment_created on attachment (created_at desc, attachment_id desc);
create index attachment_message on attachment (message_id) where message_id is not null;
create index attachment_activity on attachment (activity_id) where activity_id is not null;
create index invoice_contact on invoice (contact_id, issued_on desc, invoice_id desc);
create index invoice_issued on invoice (issued_on desc, invoice_id desc);
create index invoice_number on invoice (number, invoice_id desc);
create index invoice_by_status on invoice (status, issued_on desc, invoice_id desc);
create index invoice_line_invoice on invoice_line (invoice_id, position);

reset role;
