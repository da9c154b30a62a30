/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "money.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void
currencies_have_their_decimals(void **state)
{
	static const char *const unknown[] = {"", "H", "HK", "hkd", "HKd", "HKDX", "XXX", "XAU",
		"XYZ", "KD ", " HK", "D C", "ED ", "港幣", "HK$", "   "};

	(void)state;
	assert_int_equal(money_scale("HKD"), 2);
	assert_int_equal(money_scale("AED"), 2);
	assert_int_equal(money_scale("ZMW"), 2);
	assert_int_equal(money_scale("CNY"), 2);
	assert_int_equal(money_scale("JPY"), 0);
	assert_int_equal(money_scale("BIF"), 0);
	assert_int_equal(money_scale("XPF"), 0);
	assert_int_equal(money_scale("KWD"), 3);
	assert_int_equal(money_scale("TND"), 3);
	for (size_t i = 0; i < COUNT(unknown); i++)
		assert_int_equal(money_scale(unknown[i]), -1);
}

struct amount {
	const char *text;
	const char *currency;
	int64_t minor;
};

static void
amounts_are_read(void **state)
{
	static const struct amount cases[] = {
		{"0", "HKD", 0},
		{"-0", "HKD", 0},
		{"1", "HKD", 100},
		{"12", "HKD", 1200},
		{"12.5", "HKD", 1250},
		{"12.05", "HKD", 1205},
		{".5", "HKD", 50},
		{"0.01", "HKD", 1},
		{"007", "HKD", 700},
		{"1,234.5", "HKD", 123450},
		{"1,234,567.89", "HKD", 123456789},
		{"1234567.89", "HKD", 123456789},
		{"12,345", "HKD", 1234500},
		{"-12", "HKD", -1200},
		{"- 12", "HKD", -1200},
		{"-HK$12.34", "HKD", -1234},
		{"HK$-12.34", "HKD", -1234},
		{"HK$ 1234.50", "HKD", 123450},
		{"hk$1,234.50", "HKD", 123450},
		{"$12", "HKD", 1200},
		{"HKD 12", "HKD", 1200},
		{"hkd12", "HKD", 1200},
		{"12 HKD", "HKD", 1200},
		{"12.50HKD", "HKD", 1250},
		{"港幣12", "HKD", 1200},
		{"  12  ", "HKD", 1200},
		{"ＨＫ＄１，２３４．５０", "HKD", 123450},
		{"　１２　", "HKD", 1200},
		{"−12", "HKD", -1200}, /* U+2212 */
		{"US$12", "USD", 1200},
		{"$12", "USD", 1200},
		{"RMB 12", "CNY", 1200},
		{"¥12", "CNY", 1200},
		{"￥12", "CNY", 1200},
		{"¥1,200", "JPY", 1200},
		{"1200", "JPY", 1200},
		{"€12.30", "EUR", 1230},
		{"£12.30", "GBP", 1230},
		{"THB 12.30", "THB", 1230},
		{"1.234", "KWD", 1234},
		{"1", "KWD", 1000},
		{"92233720368547758.07", "HKD", INT64_MAX},
		{"-92233720368547758.07", "HKD", -INT64_MAX},
		{"9223372036854775807", "JPY", INT64_MAX},
	};
	int64_t minor;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!money_parse(cases[i].text, cases[i].currency, &minor))
			fail_msg("%s", cases[i].text);
		assert_int_equal(minor, cases[i].minor);
	}
}

static void
what_is_no_amount_is_refused(void **state)
{
	static const struct amount bad[] = {
		{"", "HKD", 0},
		{" ", "HKD", 0},
		{"-", "HKD", 0},
		{".", "HKD", 0},
		{",", "HKD", 0},
		{"HK$", "HKD", 0},
		{"12.", "HKD", 0},
		{"12.345", "HKD", 0},
		{"12.500", "HKD", 0},
		{"12.0", "JPY", 0},
		{"12.3456", "KWD", 0},
		{"1.2.3", "HKD", 0},
		{"1,23", "HKD", 0},
		{"12,34", "HKD", 0},
		{"1,2345", "HKD", 0},
		{"1234,567", "HKD", 0},
		{",123", "HKD", 0},
		{"1,,234", "HKD", 0},
		{"1,234,", "HKD", 0},
		{"1,234,56", "HKD", 0},
		{"1.234,50", "HKD", 0},
		{"12.5,000", "HKD", 0},
		{"1 234", "HKD", 0},
		{"1'234", "HKD", 0},
		{"--12", "HKD", 0},
		{"-HK$-12", "HKD", 0},
		{"12-", "HKD", 0},
		{"+12", "HKD", 0},
		{"(12)", "HKD", 0},
		{"1e3", "HKD", 0},
		{"0x10", "HKD", 0},
		{"twelve", "HKD", 0},
		{"12 34", "HKD", 0},
		{"12abc", "HKD", 0},
		{"=12", "HKD", 0},
		{"12%", "HKD", 0},
		{"NaN", "HKD", 0},
		{"US$12", "HKD", 0}, /* another currency's amount is not ours */
		{"USD 12", "HKD", 0},
		{"12 USD", "HKD", 0},
		{"HK$12", "USD", 0},
		{"€12", "HKD", 0},
		{"¥12", "HKD", 0},
		{"HK$ HK$12", "HKD", 0},
		{"HK$12 HKD", "HKD", 0},
		{"92233720368547758.08", "HKD", 0},
		{"92233720368547759", "HKD", 0},
		{"9223372036854775808", "JPY", 0},
		{"99999999999999999999999999", "HKD", 0},
		{"999999999999999999", "KWD", 0},
		{"12", "XXX", 0},
		{"12", "", 0},
		{"12", "hkd", 0},
		{"12\xff", "HKD", 0},
		{"١٢", "HKD", 0},
		{"十二", "HKD", 0},
		{"000000000000000000000000000000000000000000000000000000000000000000000000000000000"
		 "000"
		 "0000000000000000000000000000000000000000000000001",
			"HKD", 0},
	};
	int64_t minor = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (money_parse(bad[i].text, bad[i].currency, &minor))
			fail_msg("%s %s", bad[i].text, bad[i].currency);
	assert_int_equal(minor, 7);
}

static void
amounts_are_written(void **state)
{
	static const struct {
		int64_t minor;
		const char *currency;
		const char *plain;
		const char *shown;
	} cases[] = {
		{123450, "HKD", "1234.50", "HK$1,234.50"},
		{0, "HKD", "0.00", "HK$0.00"},
		{5, "HKD", "0.05", "HK$0.05"},
		{-5, "HKD", "-0.05", "-HK$0.05"},
		{-123456789, "HKD", "-1234567.89", "-HK$1,234,567.89"},
		{99999, "HKD", "999.99", "HK$999.99"},
		{100000, "HKD", "1000.00", "HK$1,000.00"},
		{100000000, "HKD", "1000000.00", "HK$1,000,000.00"},
		{1234, "JPY", "1234", "JP¥1,234"},
		{-12, "JPY", "-12", "-JP¥12"},
		{1234567, "KWD", "1234.567", "KWD 1,234.567"},
		{1234567, "THB", "12345.67", "THB 12,345.67"},
		{1200, "CNY", "12.00", "CN¥12.00"},
		{1200, "USD", "12.00", "US$12.00"},
		{1200, "EUR", "12.00", "€12.00"},
		{1200, "XXX", "1200", "XXX 1,200"},
		{INT64_MAX, "HKD", "92233720368547758.07", "HK$92,233,720,368,547,758.07"},
		{INT64_MIN, "HKD", "-92233720368547758.08", "-HK$92,233,720,368,547,758.08"},
	};
	int64_t back;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(
			money_plain(a, cases[i].minor, cases[i].currency), cases[i].plain);
		assert_string_equal(
			money_show(a, cases[i].minor, cases[i].currency), cases[i].shown);
		if (money_scale(cases[i].currency) < 0 || cases[i].minor == INT64_MIN)
			continue;
		assert_true(money_parse(cases[i].plain, cases[i].currency, &back));
		assert_int_equal(back, cases[i].minor);
		assert_true(money_parse(cases[i].shown, cases[i].currency, &back));
		assert_int_equal(back, cases[i].minor);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(currencies_have_their_decimals),
		cmocka_unit_test(amounts_are_read),
		cmocka_unit_test(what_is_no_amount_is_refused),
		cmocka_unit_test(amounts_are_written),
	};

	return cmocka_run_group_tests_name("money", tests, setup, teardown);
}
