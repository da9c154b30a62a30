/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "card.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

/* Numbers that payment companies publish for tests. */
static const char *const published[] = {"4111111111111111", "4242424242424242", "4012888888881881",
	"4222222222222", "5555555555554444", "5105105105105100", "2223003122003222",
	"378282246310005", "371449635398431", "30569309025904", "36227206271667", "38520000023237",
	"6011111111111117", "6011000990139424", "3530111333300000", "3566002020360505",
	"6200000000000005", "6759649826438453", "5019717010103742"};

static void
published_numbers_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(published); i++)
		if (!card_found(published[i]))
			fail_msg("%s", published[i]);
}

static void
every_wrong_digit_is_let_pass(void **state)
{
	char text[32];

	(void)state;
	for (size_t i = 0; i < COUNT(published); i++) {
		size_t n = strlen(published[i]);

		strncpy(text, published[i], sizeof(text));
		/* The last digit: the issuer stays the same, the check fails. */
		for (char c = '0'; c <= '9'; c++) {
			text[n - 1] = c;
			assert_int_equal(card_found(text), c == published[i][n - 1]);
		}
	}
}

static void
cards_are_found_however_they_are_written(void **state)
{
	static const char *const cases[] = {
		"4111 1111 1111 1111",
		"4111-1111-1111-1111",
		"4111 - 1111 - 1111 - 1111",
		"4111  1111  1111  1111",
		"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
		"411111 1111111111",
		"41111 11111 11111 1",
		"3782 822463 10005",
		"3056 930902 5904",
		"3782-822463-10005",
		"6212345 678901232 ", /* sixteen digits in a run of its own */
		"６２００　００００　００００　０００５",
		"４１１１－１１１１－１１１１－１１１１",
		"4111\xc2\xa0"
		"1111\xc2\xa0"
		"1111\xc2\xa0"
		"1111",
		"4111\xe2\x80\x93"
		"1111\xe2\x80\x93"
		"1111\xe2\x80\x93"
		"1111",
		"4111\t1111\t1111\t1111",
		"card 4111111111111111 please",
		"信用卡：4111111111111111。",
		"4111111111111111.",
		"no.4111111111111111",
		"VISA4111111111111111exp12/27",
		"4111111111111111 12/27",
		"4111 1111 1111 1111 12/27 123",
		"4111 1111 1111 1111 1227",
		"4111111111111111 123",
		"1 4111 1111 1111 1111",
		"12345 4111 1111 1111 1111",
		"9123 4567 4111 1111 1111 1111",
		"4111 1111 1111 1111 5555 5555 5555 4444",
		"ref 20261123, 4111111111111111",
		"2026-11-23: 4111-1111-1111-1111",
		"first line\n4111 1111 1111 1111\nlast line",
		"4111111111111111\n4111111111111112",
		"12345678901234567890123 4111111111111111",
		"4111111111111112 4111111111111111",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (!card_found(cases[i]))
			fail_msg("%s", cases[i]);
}

static void
what_is_no_card_is_let_pass(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"-",
		"4",
		"411111111111", /* twelve digits */
		"4111111111111112",
		"41111111111111111111", /* twenty */
		"04111111111111111",    /* inside a longer run */
		"41111111111111110",
		"123411111111111111119",
		"4111111111111111000000000000",
		"4111 1111 1111\n1111", /* a line's end parts numbers */
		"4111 1111, 1111 1111",
		"4111/1111/1111/1111",
		"4111_1111_1111_1111",
		"4111.1111.1111.1111",
		"4111    1111    1111    1111", /* columns of a table */
		"0000000000000000",
		"4444444444444444",
		"1234567812345670", /* passes Luhn; no issuer */
		"9876543210987650",
		"7992739871300",
		"0123456789012",
		"41111111111111", /* Visa has no fourteen digits */
		"2100000000000000",
		"3400000000000000", /* American Express has fifteen */
		"20261123140509",
		"2026-11-23 14:05:09",
		"12345678-000-01-11-1",
		"012-345-6-789012",
		"4111 1111 1111 111x 1111",
		"Four one one one",
		"四一一一一一一一一一一一一一一一",
		("4111111111111\xff"
		 "111"),
		"\xef\xbc\x94",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (card_found(cases[i]))
			fail_msg("%s", cases[i]);
}

static bool
luhn(const char *digits)
{
	int sum = 0;
	size_t n = strlen(digits);

	for (size_t i = 0; i < n; i++) {
		int d = (digits[n - 1 - i] - '0') * (i % 2 == 1 ? 2 : 1);

		sum += d / 10 + d % 10;
	}
	return sum % 10 == 0;
}

/* Two telephones that together pass the Luhn check: whoever starts with 8, 9 or
 * 7, and whatever is written as eight digits, is never taken for a card. */
static void
telephone_lists_are_let_pass(void **state)
{
	char text[80];
	char both[24];
	int tried = 0;

	(void)state;
	srandom(1);
	while (tried < 2000) {
		long one = 20000000 + random() % 80000000;
		long two = 20000000 + random() % 80000000;

		snprintf(both, sizeof(both), "%ld%ld", one, two);
		if (!luhn(both))
			continue;
		tried++;
		snprintf(text, sizeof(text), "%ld %ld", one, two);
		assert_false(card_found(text));
		snprintf(text, sizeof(text), "%ld - %ld", one, two);
		assert_false(card_found(text));
		snprintf(text, sizeof(text), "%ld\n%ld", one, two);
		assert_false(card_found(text));
		snprintf(text, sizeof(text), "%ld, %ld", one, two);
		assert_false(card_found(text));
		snprintf(text, sizeof(text), "%ld/%ld", one, two);
		assert_false(card_found(text));
		snprintf(text, sizeof(text), "%.4s %.4s  %ld", both, both + 4, two);
		assert_false(card_found(text));
		snprintf(text, sizeof(text), "+852 %.4s %.4s / +852 %.4s %.4s", both, both + 4,
			both + 8, both + 12);
		assert_false(card_found(text));
		if (one >= 70000000) {
			snprintf(text, sizeof(text), "%.4s %.4s %.4s %.4s", both, both + 4,
				both + 8, both + 12);
			assert_false(card_found(text));
		}
	}
}

/* Random digits look like a card in well under one of ten cases. */
static void
chance_hits_are_rare(void **state)
{
	char text[20];
	int found = 0;

	(void)state;
	srandom(2);
	for (int i = 0; i < 20000; i++) {
		for (size_t j = 0; j < 16; j++)
			text[j] = (char)('0' + random() % 10);
		text[16] = '\0';
		found += card_found(text);
	}
	assert_true(found > 0);
	assert_true(found < 20000 * 4 / 100);
}

static void
long_texts_are_read_in_one_go(void **state)
{
	const size_t n = 1 << 20;
	char *text = malloc(n + 40);

	(void)state;
	memset(text, '7', n);
	memcpy(text + n, " 4111111111111111", 18);
	assert_true(card_found(text));
	for (size_t i = 0; i < n; i++)
		text[i] = i % 2 == 0 ? '4' : ' ';
	text[n] = '\0';
	assert_false(card_found(text));
	for (size_t i = 0; i < n; i++)
		text[i] = i % 5 == 4 ? ' ' : '7';
	assert_false(card_found(text));
	memcpy(text + n - 1, " 4111111111111111", 18);
	assert_true(card_found(text));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_numbers_are_found),
		cmocka_unit_test(every_wrong_digit_is_let_pass),
		cmocka_unit_test(cards_are_found_however_they_are_written),
		cmocka_unit_test(what_is_no_card_is_let_pass),
		cmocka_unit_test(telephone_lists_are_let_pass),
		cmocka_unit_test(chance_hits_are_rare),
		cmocka_unit_test(long_texts_are_read_in_one_go),
	};

	return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
