/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "date.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
#define USEC ((int64_t)1000000)

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(16 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* What is no day comes back as it is. */
static bool
is_day(const char *s)
{
	return strcmp(date_show(a, s, "en"), s) != 0;
}

static void
real_days_are_valid(void **state)
{
	static const char *const good[] = {"0001-01-01", "9999-12-31", "2026-11-23", "2024-02-29",
		"2000-02-29", "2026-02-28", "1900-02-28", "2026-04-30", "2026-01-31"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!is_day(good[i]))
			fail_msg("%s", good[i]);
}

static void
other_text_is_no_iso_day(void **state)
{
	static const char *const bad[] = {"", "2026", "2026-11", "2026-11-", "2026-1-05",
		"2026-01-5", "26-01-05", "02026-01-05", "2026/01/05", "2026-13-01", "2026-00-01",
		"2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29", "1900-02-29", "2100-02-29",
		"2026-02-30", "0000-01-01", "-001-01-01", "2026-11-23 ", " 2026-11-23",
		"2026-11-23T00:00", "2026-11-2x", "2026-1１-23", "20261123", "2026-+1-05"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (is_day(bad[i]))
			fail_msg("%s", bad[i]);
}

static void
what_people_type_becomes_iso(void **state)
{
	static const char *const cases[][2] = {{"2026-11-23", "2026-11-23"},
		{"23/11/2026", "2026-11-23"}, {"1/2/2026", "2026-02-01"},
		{"01/02/2026", "2026-02-01"}, {"31-12-2026", "2026-12-31"},
		{"2026/11/23", "2026-11-23"}, {"2026/1/5", "2026-01-05"},
		{"2026-1-5", "2026-01-05"}, {"2026年11月23日", "2026-11-23"},
		{"2026年1月5日", "2026-01-05"}, {"2026年01月05號", "2026-01-05"},
		{"2026 年 11 月 23 日", "2026-11-23"}, {"２０２６年１１月２３日", "2026-11-23"},
		{"２３／１１／２０２６", "2026-11-23"}, {"　23/11/2026　", "2026-11-23"},
		{" 2026-11-23 ", "2026-11-23"}, {"23 / 11 / 2026", "2026-11-23"},
		{"29/2/2024", "2024-02-29"}, {"1/1/0001", "0001-01-01"},
		{"2026–11–23", "2026-11-23"}};
	char out[11];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!date_normalise(cases[i][0], out))
			fail_msg("%s", cases[i][0]);
		assert_string_equal(out, cases[i][1]);
		assert_true(is_day(out));
	}
}

static void
what_is_no_day_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "/", "//", "1/2", "1/2/", "/1/2026", "1/2/26",
		"1/2/026", "12/31/2026", "31/4/2026", "29/2/2026", "0/1/2026", "1/0/2026",
		"32/1/2026", "1/13/2026", "2026/13/1", "2026/1/32", "001/1/2026", "1/001/2026",
		"2026/001/1", "1/2-2026", "2026-1/5", "1.2.2026", "2026.1.5", "20261123", "2026",
		"2026年", "2026年11月", "2026年11月23", "11月23日", "26年11月23日",
		"2026月11年23日", "2026年11日23月", "23日11月2026年", "2026年11-23日",
		"2026-11-23日", "2026年2月30日", "1/2/2026x", "x1/2/2026", "1/2/2026/3",
		"1/2/2026 10:00", "2026-11-23T00:00", "2026-11-23-", "-2026-11-23", "1 2 2026",
		"20 26-11-23", "2026-11-23\xff", "1/2/20266", "12345/1/1",
		"二〇二六年十一月二十三日", "today", "0/0/0000", "1/1/0000",
		"99999999999999999999/1/2026"};
	char out[11] = "before";

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (date_normalise(bad[i], out))
			fail_msg("%s gave %s", bad[i], out);
		assert_string_equal(out, "before");
	}
}

static int64_t
parsed(const char *s)
{
	int64_t usec = -1;

	if (!time_parse(s, &usec))
		fail_msg("%s", s);
	return usec;
}

static void
times_are_read(void **state)
{
	const int64_t noon = 1795442709 * USEC; /* 2026-11-23T14:05:09Z */

	(void)state;
	assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
	assert_int_equal(parsed("2026-11-23T14:05:09Z"), noon);
	assert_int_equal(parsed("2026-11-23t14:05:09z"), noon);
	assert_int_equal(parsed("2026-11-23 14:05:09Z"), noon);
	assert_int_equal(parsed("2026-11-23T22:05:09+08:00"), noon);
	assert_int_equal(parsed("2026-11-23T14:05:09-00:00"), noon);
	assert_int_equal(parsed("2026-11-23T04:35:09-09:30"), noon);
	assert_int_equal(parsed("2026-11-24T01:50:09+11:45"), noon);
	/* Hong Kong's own time */
	assert_int_equal(parsed("2026-11-23T22:05:09"), noon);
	assert_int_equal(parsed("2026-11-23T22:05"), noon - 9 * USEC);
	assert_int_equal(parsed("2026-11-23T00:00"), parsed("2026-11-22T16:00:00Z"));
	/* fractions */
	assert_int_equal(parsed("2026-11-23T14:05:09.5Z"), noon + 500000);
	assert_int_equal(parsed("2026-11-23T14:05:09.123456Z"), noon + 123456);
	assert_int_equal(parsed("2026-11-23T14:05:09.123456789Z"), noon + 123456);
	assert_int_equal(parsed("2026-11-23T14:05:09.000001+00:00"), noon + 1);
	assert_int_equal(parsed("2026-11-23T22:05:09.25"), noon + 250000);
	/* before 1970, and the ends */
	assert_int_equal(parsed("1969-12-31T23:59:59.999999Z"), -1);
	assert_int_equal(parsed("0001-01-01T00:00:00Z"), -62135596800 * USEC);
	assert_int_equal(parsed("9999-12-31T23:59:59.999999Z"), 253402300800 * USEC - 1);
	/* a leap second */
	assert_int_equal(parsed("2016-12-31T23:59:60Z"), parsed("2017-01-01T00:00:00Z"));
	assert_int_equal(parsed("2017-01-01T07:59:60+08:00"), parsed("2017-01-01T00:00:00Z"));
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {"", "2026-11-23", "2026-11-23T", "2026-11-23T14",
		"2026-11-23T14:", "2026-11-23T14:5", "2026-11-23T14:05Z", "2026-11-23T14:05+08:00",
		"2026-11-23T14:05:9Z", "2026-11-23T24:00:00Z", "2026-11-23T14:60:00Z",
		"2026-11-23T14:05:61Z", "2026-11-23T14:05:60Z", "2016-12-31T23:59:60+08:00",
		"2016-12-31T23:59:60.5Z", "2026-11-23T14:05:09.Z", "2026-11-23T14:05:09,5Z",
		"2026-11-23T14:05:09 Z", "2026-11-23T14:05:09+8:00", "2026-11-23T14:05:09+0800",
		"2026-11-23T14:05:09+08", "2026-11-23T14:05:09+24:00", "2026-11-23T14:05:09+08:60",
		"2026-11-23T14:05:09ZZ", "2026-11-23T14:05:09Zx", "2026-02-30T14:05:09Z",
		"2026-11-23_14:05:09Z", "2026-11-23  14:05:09Z", "26-11-23T14:05:09Z",
		"0001-01-01T00:00:00", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"10000-01-01T00:00:00Z", "T14:05:09Z", "14:05:09", "now", "infinity",
		"2026-11-23T-4:05:09Z", "2026-11-23T14:05:09Z "};
	int64_t usec = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (time_parse(bad[i], &usec))
			fail_msg("%s", bad[i]);
	assert_int_equal(usec, 7);
}

static void
times_are_written_as_they_are_read(void **state)
{
	static const char *const texts[] = {"1970-01-01T00:00:00Z", "2026-11-23T14:05:09Z",
		"2026-11-23T14:05:09.000001Z", "2026-11-23T14:05:09.100000Z",
		"2024-02-29T23:59:59Z", "1969-12-31T23:59:59.999999Z", "1900-03-01T00:00:00Z",
		"2000-02-29T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_string_equal(time_rfc3339(a, parsed(texts[i])), texts[i]);
}

/* Every day of ten thousand years, against the C library. */
static void
every_day_agrees_with_the_c_library(void **state)
{
	int64_t day = -62135596800 / 86400;
	char want[40];

	(void)state;
	for (; day < 253402300800 / 86400; day++) {
		struct arena_mark mark = arena_mark(a);
		time_t t = day * 86400;
		struct tm tm;
		int64_t usec;

		gmtime_r(&t, &tm);
		/* Once a month: under the sanitizers it takes longer than all the rest. */
		if (tm.tm_mday == 1)
			snprintf(want, sizeof(want), "%04d-%02d-01T00:00:00Z", tm.tm_year + 1900,
				tm.tm_mon + 1);
		want[8] = (char)('0' + tm.tm_mday / 10);
		want[9] = (char)('0' + tm.tm_mday % 10);
		assert_string_equal(time_rfc3339(a, day * 86400 * USEC), want);
		assert_true(time_parse(want, &usec));
		assert_true(usec == day * 86400 * USEC);
		arena_release(a, mark);
	}
}

static void
days_are_shown_in_both_languages(void **state)
{
	(void)state;
	assert_string_equal(date_show(a, "2026-11-23", "en"), "23 Nov 2026");
	assert_string_equal(date_show(a, "2026-11-23", "zh-Hant"), "2026年11月23日");
	assert_string_equal(date_show(a, "2026-01-05", "en"), "5 Jan 2026");
	assert_string_equal(date_show(a, "2026-01-05", "zh-Hant"), "2026年1月5日");
	assert_string_equal(date_show(a, "0001-12-01", "en"), "1 Dec 1");
	assert_string_equal(date_show(a, "2026-11-23", "xx"), "23 Nov 2026");
	assert_string_equal(date_show(a, "", "en"), "");
	assert_string_equal(date_show(a, "2026-02-30", "en"), "2026-02-30");
	assert_string_equal(date_show(a, "soon", "zh-Hant"), "soon");
}

static void
times_are_shown_in_hong_kong(void **state)
{
	(void)state;
	assert_string_equal(
		time_show(a, parsed("2026-11-23T14:05:09Z"), "en"), "23 Nov 2026 22:05");
	assert_string_equal(
		time_show(a, parsed("2026-11-23T14:05:59.9Z"), "zh-Hant"), "2026年11月23日 22:05");
	assert_string_equal(time_show(a, parsed("2026-12-31T16:00:00Z"), "en"), "1 Jan 2027 00:00");
	assert_string_equal(
		time_show(a, parsed("2026-12-31T15:59:59Z"), "en"), "31 Dec 2026 23:59");
	assert_string_equal(time_show(a, 0, "en"), "1 Jan 1970 08:00");
	assert_string_equal(time_show(a, -1, "en"), "1 Jan 1970 07:59");
	assert_string_equal(
		time_show(a, parsed("1969-12-31T15:59:59Z"), "en"), "31 Dec 1969 23:59");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_days_are_valid),
		cmocka_unit_test(other_text_is_no_iso_day),
		cmocka_unit_test(what_people_type_becomes_iso),
		cmocka_unit_test(what_is_no_day_is_refused),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(times_are_written_as_they_are_read),
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(days_are_shown_in_both_languages),
		cmocka_unit_test(times_are_shown_in_hong_kong),
	};

	return cmocka_run_group_tests_name("date", tests, setup, teardown);
}
