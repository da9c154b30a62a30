/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "phone.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static void
what_people_type_becomes_e164(void **state)
{
	static const char *const cases[][2] = {
		{"91234567", "+85291234567"},
		{"9123 4567", "+85291234567"},
		{"9123-4567", "+85291234567"},
		{"9123.4567", "+85291234567"},
		{" 9 1 2 3 4 5 6 7 ", "+85291234567"},
		{"(852) 9123 4567", "+85291234567"},
		{"852-91234567", "+85291234567"},
		{"85291234567", "+85291234567"},
		{"+852 9123 4567", "+85291234567"},
		{"+ 852 9123 4567", "+85291234567"},
		{"(+852)91234567", "+85291234567"},
		{"0085291234567", "+85291234567"},
		{"00 852 9123 4567", "+85291234567"},
		{"９１２３　４５６７", "+85291234567"},
		{"＋８５２（９１２３）４５６７", "+85291234567"},
		{"9123\xe2\x80\x91"
		 "4567",
			"+85291234567"}, /* U+2011, a hyphen that does not break */
		{"9123\xc2\xa0"
		 "4567",
			"+85291234567"},
		{"\xe2\x80\xaa+852 9123 4567\xe2\x80\xac",
			"+85291234567"}, /* copied from a phone */
		{"23456789", "+85223456789"},
		{"3123 4567", "+85231234567"},
		{"4123 4567", "+85241234567"},
		{"8123 4567", "+85281234567"},
		{"800 933 123", "+852800933123"},
		{"+852 800 933 123", "+852800933123"},
		{"+86 138 1234 5678", "+8613812345678"},
		{"0086 138 1234 5678", "+8613812345678"},
		{"+853 6612 3456", "+85366123456"},
		{"+1 (212) 555-0123", "+12125550123"},
		{"+44 (0)20 7946 0958", "+442079460958"},
		{"+44(0)2079460958", "+442079460958"},
		{"+65 6123 4567", "+6561234567"},
		{"+683 4123", "+6834123"},
		{"+123456789012345", "+123456789012345"},
	};
	char out[PHONE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!phone_normalise(cases[i][0], out))
			fail_msg("%s", cases[i][0]);
		assert_string_equal(out, cases[i][1]);
		/* What we store stays as it is. */
		assert_true(phone_normalise(cases[i][1], out));
		assert_string_equal(out, cases[i][1]);
	}
}

static void
what_cannot_be_dialled_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"+",
		"-",
		"()",
		"0",
		"999",
		"1823",
		"1234567",
		"12345678", /* no Hong Kong number starts with 1 */
		"01234567", /* or with 0 */
		"9123456",
		"912345678",
		"9123 4567 8",
		"91234567.0", /* a spreadsheet's idea of a telephone */
		"9.1234567E7",
		"9123 4567 x12",
		"9123 4567 ext 12",
		"9123 4567 / 2345 6789",
		"9123 4567, 2345 6789",
		"9123 4567 2345 6789",
		"tel:91234567",
		"九一二三四五六七",
		"9123456O",
		"852 1234 5678",
		"852 0123 4567",
		"+852 1234 5678",
		"+852 9123 456",
		"+852 9123 45678",
		"+852 0 9123 4567",
		"+852 8009331234",
		"001 852 9123 4567", /* a carrier's prefix */
		"0012125550123",     /* the same, or the United States */
		"000 852 9123 4567",
		"+0 852 9123 4567",
		"+00 852 9123 4567",
		"0",
		"00",
		"001",
		"+1234567890123456",
		"00123456789012345678901234567890",
		"13812345678", /* no country code, not Hong Kong's */
		"12125550123",
		"85366123456",
		"++852 9123 4567",
		"9123+4567",
		"91234567+",
		"+852+91234567",
		"'+85291234567",
		"+852 9123\n4567",
		"+(0)85291234567x",
		"9123456\xff",
		"\xef\xbc",
	};
	char out[PHONE_SIZE] = "before";

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (phone_normalise(bad[i], out))
			fail_msg("%s gave %s", bad[i], out);
		assert_string_equal(out, "before");
	}
}

static void
numbers_are_shown_in_groups(void **state)
{
	static const char *const cases[][2] = {
		{"+85291234567", "+852 9123 4567"},
		{"+852800933123", "+852 800 933 123"},
		{"+85366123456", "+853 6612 3456"},
		{"+8613812345678", "+86 138 1234 5678"},
		{"+12125550123", "+1 21 2555 0123"},
		{"+442079460958", "+44 20 7946 0958"},
		{"+6561234567", "+65 6123 4567"},
		{"+74951234567", "+7 49 5123 4567"},
		{"+6834123", "+683 4123"},
		{"+123456789012345", "+1 23 4567 8901 2345"},
		{"+999123456789012", "+999 1234 5678 9012"},
	};
	char out[PHONE_SHOWN];
	char back[PHONE_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		phone_show(cases[i][0], out);
		assert_string_equal(out, cases[i][1]);
		assert_true(phone_normalise(out, back));
		assert_string_equal(back, cases[i][0]);
	}
}

static void
what_is_no_number_is_shown_as_it_is(void **state)
{
	static const char *const cases[][2] = {{"", ""}, {"+", "+"}, {"91234567", "91234567"},
		{"+852abc12345", "+852abc12345"}, {"+1234567890123456", "+1234567890123456"},
		{"Erased person 1042, and more", "Erased person 1042, and"}};
	char out[PHONE_SHOWN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		phone_show(cases[i][0], out);
		assert_string_equal(out, cases[i][1]);
	}
}

static void
a_search_for_a_phone_is_known(void **state)
{
	static const char *const cases[][2] = {{"912", "912"}, {"9123 4567", "91234567"},
		{"(852) 9123-4567", "85291234567"}, {"+852 9123", "8529123"}, {"９１２３", "9123"},
		{"0085291234567", "85291234567"}, {"00852", "00852"}, {"9123.4567", "91234567"},
		{" 456 ", "456"}, {"0000000000", "0000000000"}};
	static const char *const not [] = {"", "12", "+", "- -", "12a", "陳123", "9123 x", "1+23",
		"a@123.com", "123/456", "#123", "123456789012345678901234567890123", "１２"};
	char out[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(phone_search_digits(cases[i][0], out, sizeof(out)));
		assert_string_equal(out, cases[i][1]);
	}
	for (size_t i = 0; i < COUNT(not ); i++)
		assert_false(phone_search_digits(not [i], out, sizeof(out)));
}

static void
a_search_never_writes_past_its_room(void **state)
{
	char out[8] = "zzzzzzz";

	(void)state;
	assert_true(phone_search_digits("123456", out, 7));
	assert_string_equal(out, "123456");
	memset(out, 'z', sizeof(out));
	assert_false(phone_search_digits("1234567", out, 7));
	assert_int_equal(out[7], 'z');
	assert_false(phone_search_digits("123", out, 0));
	assert_false(phone_search_digits("123", out, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_type_becomes_e164),
		cmocka_unit_test(what_cannot_be_dialled_is_refused),
		cmocka_unit_test(numbers_are_shown_in_groups),
		cmocka_unit_test(what_is_no_number_is_shown_as_it_is),
		cmocka_unit_test(a_search_for_a_phone_is_known),
		cmocka_unit_test(a_search_never_writes_past_its_room),
	};

	return cmocka_run_group_tests_name("phone", tests, NULL, NULL);
}
