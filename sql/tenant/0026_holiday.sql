-- SPDX-License-Identifier: ISC
-- The clock of the Personal Data (Privacy) Ordinance: which days no period ends on,
-- and how long the periods are.
set role praya_owner;

create table holiday (
	holiday_id bigint generated always as identity primary key,
	day date not null unique,
	kind text not null check (kind in ('general', 'gale', 'black_rain')),
	name_en text not null,
	name_zh text not null,
	source text not null default '',
	created_at timestamptz not null default now(),
	created_by bigint
);
comment on table holiday is 'Days besides Sundays on which no statutory period ends (Cap. 1 s.71, Cap. 149)';
comment on column holiday.holiday_id is 'Key';
comment on column holiday.day is 'The day, in Hong Kong';
comment on column holiday.kind is 'general: a general holiday; gale, black_rain: a day of such a warning, known only afterwards';
comment on column holiday.name_en is 'Its name in English';
comment on column holiday.name_zh is 'Its name in Chinese';
comment on column holiday.source is 'Where it was announced';
comment on column holiday.created_at is 'When it was added';
comment on column holiday.created_by is 'By whom; null: ships with Praya';

insert into holiday (day, kind, name_en, name_zh, source)
select day::date, 'general', name_en, name_zh,
	format('https://www.gov.hk/en/about/abouthk/holiday/%s.htm', left(day, 4))
from (values
	('2024-01-01', 'The first day of January', '一月一日'),
	('2024-02-10', 'Lunar New Year''s Day', '農曆年初一'),
	('2024-02-12', 'The third day of Lunar New Year', '農曆年初三'),
	('2024-02-13', 'The fourth day of Lunar New Year', '農曆年初四'),
	('2024-03-29', 'Good Friday', '耶穌受難節'),
	('2024-03-30', 'The day following Good Friday', '耶穌受難節翌日'),
	('2024-04-01', 'Easter Monday', '復活節星期一'),
	('2024-04-04', 'Ching Ming Festival', '清明節'),
	('2024-05-01', 'Labour Day', '勞動節'),
	('2024-05-15', 'The Birthday of the Buddha', '佛誕'),
	('2024-06-10', 'Tuen Ng Festival', '端午節'),
	('2024-07-01', 'Hong Kong Special Administrative Region Establishment Day', '香港特別行政區成立紀念日'),
	('2024-09-18', 'The day following the Chinese Mid-Autumn Festival', '中秋節翌日'),
	('2024-10-01', 'National Day', '國慶日'),
	('2024-10-11', 'Chung Yeung Festival', '重陽節'),
	('2024-12-25', 'Christmas Day', '聖誕節'),
	('2024-12-26', 'The first weekday after Christmas Day', '聖誕節後第一個周日'),
	('2025-01-01', 'The first day of January', '一月一日'),
	('2025-01-29', 'Lunar New Year''s Day', '農曆年初一'),
	('2025-01-30', 'The second day of Lunar New Year', '農曆年初二'),
	('2025-01-31', 'The third day of Lunar New Year', '農曆年初三'),
	('2025-04-04', 'Ching Ming Festival', '清明節'),
	('2025-04-18', 'Good Friday', '耶穌受難節'),
	('2025-04-19', 'The day following Good Friday', '耶穌受難節翌日'),
	('2025-04-21', 'Easter Monday', '復活節星期一'),
	('2025-05-01', 'Labour Day', '勞動節'),
	('2025-05-05', 'The Birthday of the Buddha', '佛誕'),
	('2025-05-31', 'Tuen Ng Festival', '端午節'),
	('2025-07-01', 'Hong Kong Special Administrative Region Establishment Day', '香港特別行政區成立紀念日'),
	('2025-10-01', 'National Day', '國慶日'),
	('2025-10-07', 'The day following the Chinese Mid-Autumn Festival', '中秋節翌日'),
	('2025-10-29', 'Chung Yeung Festival', '重陽節'),
	('2025-12-25', 'Christmas Day', '聖誕節'),
	('2025-12-26', 'The first weekday after Christmas Day', '聖誕節後第一個周日'),
	('2026-01-01', 'The first day of January', '一月一日'),
	('2026-02-17', 'Lunar New Year''s Day', '農曆年初一'),
	('2026-02-18', 'The second day of Lunar New Year', '農曆年初二'),
	('2026-02-19', 'The third day of Lunar New Year', '農曆年初三'),
	('2026-04-03', 'Good Friday', '耶穌受難節'),
	('2026-04-04', 'The day following Good Friday', '耶穌受難節翌日'),
	('2026-04-06', 'The day following Ching Ming Festival', '清明節翌日'),
	('2026-04-07', 'The day following Easter Monday', '復活節星期一翌日'),
	('2026-05-01', 'Labour Day', '勞動節'),
	('2026-05-25', 'The day following the Birthday of the Buddha', '佛誕翌日'),
	('2026-06-19', 'Tuen Ng Festival', '端午節'),
	('2026-07-01', 'Hong Kong Special Administrative Region Establishment Day', '香港特別行政區成立紀念日'),
	('2026-09-26', 'The day following the Chinese Mid-Autumn Festival', '中秋節翌日'),
	('2026-10-01', 'National Day', '國慶日'),
	('2026-10-19', 'The day following Chung Yeung Festival', '重陽節翌日'),
	('2026-12-25', 'Christmas Day', '聖誕節'),
	('2026-12-26', 'The first weekday after Christmas Day', '聖誕節後第一個周日'),
	('2027-01-01', 'The first day of January', '一月一日'),
	('2027-02-06', 'Lunar New Year''s Day', '農曆年初一'),
	('2027-02-08', 'The third day of Lunar New Year', '農曆年初三'),
	('2027-02-09', 'The fourth day of Lunar New Year', '農曆年初四'),
	('2027-03-26', 'Good Friday', '耶穌受難節'),
	('2027-03-27', 'The day following Good Friday', '耶穌受難節翌日'),
	('2027-03-29', 'Easter Monday', '復活節星期一'),
	('2027-04-05', 'Ching Ming Festival', '清明節'),
	('2027-05-01', 'Labour Day', '勞動節'),
	('2027-05-13', 'The Birthday of the Buddha', '佛誕'),
	('2027-06-09', 'Tuen Ng Festival', '端午節'),
	('2027-07-01', 'Hong Kong Special Administrative Region Establishment Day', '香港特別行政區成立紀念日'),
	('2027-09-16', 'The day following the Chinese Mid-Autumn Festival', '中秋節翌日'),
	('2027-10-01', 'National Day', '國慶日'),
	('2027-10-08', 'Chung Yeung Festival', '重陽節'),
	('2027-12-25', 'Christmas Day', '聖誕節'),
	('2027-12-27', 'The first weekday after Christmas Day', '聖誕節後第一個周日')) h (day, name_en, name_zh);

insert into law_term (code, from_on, term, law, source) values
	('access_reply', '1996-12-20', '40 days', 'Cap. 486 s.19(1)', 'https://www.elegislation.gov.hk/hk/cap486!en/s19'),
	('correction_reply', '1996-12-20', '40 days', 'Cap. 486 s.23(1)', 'https://www.elegislation.gov.hk/hk/cap486!en/s23'),
	('choice_of_form', '1996-12-20', '14 days', 'Cap. 486 s.19(4)', 'https://www.elegislation.gov.hk/hk/cap486!en/s19'),
	('earlier_recipients', '1996-12-20', '12 months', 'Cap. 486 s.23(1)(c)', 'https://www.elegislation.gov.hk/hk/cap486!en/s23'),
	('log_book', '1996-12-20', '4 years', 'Cap. 486 s.27(3)', 'https://www.elegislation.gov.hk/hk/cap486!en/s27'),
	('oral_consent', '2013-04-01', '14 days', 'Cap. 486 s.35E(1)', 'https://www.elegislation.gov.hk/hk/cap486!en/s35E'),
	('opt_out_reply', '2013-04-01', '0 days', 'Cap. 486 s.35G(3)', 'https://www.elegislation.gov.hk/hk/cap486!en/s35G'),
	('unsubscribe_working', '2007-12-22', '10 days', 'Cap. 593 s.10', 'https://www.elegislation.gov.hk/hk/cap593!en/s10');
-- No law sets a period for erasing on request: a target that is recommended.
insert into law_term (code, from_on, term, law, source) values
	('erasure_reply', '1900-01-01', '40 days', '', '');

reset role;
