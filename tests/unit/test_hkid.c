/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hkid.h"

static enum hkid_result
result_of(const char *name)
{
	if (strcmp(name, "valid") == 0)
		return HKID_VALID;
	if (strcmp(name, "bad_check") == 0)
		return HKID_BAD_CHECK;
	assert_string_equal(name, "malformed");
	return HKID_MALFORMED;
}

/* result,normalised,why,input: the input is the rest of the line. */
static void
try_vector(char *line)
{
	char *rest = line;
	const char *result = strsep(&rest, ",");
	const char *want = strsep(&rest, ",");
	const char *why = strsep(&rest, ",");
	char out[HKID_SIZE] = "before";
	enum hkid_result got = hkid_normalise(rest, out);

	if (got != result_of(result))
		fail_msg("%s: \"%s\"", why, rest);
	assert_string_equal(out, got == HKID_MALFORMED ? "before" : want);
}

static void
vectors_hold(void **state)
{
	const char *dir = getenv("srcdir");
	char path[4096];
	char line[1024];
	int n = 0;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/unit/hkid_vectors.csv", dir != NULL ? dir : "..");
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || strncmp(line, "result,", 7) == 0)
			continue;
		try_vector(line);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 55);
}

static char
check_of(const char *number)
{
	char out[HKID_SIZE];
	char text[HKID_SIZE];
	char found = '\0';

	for (const char *c = "0123456789A"; *c != '\0'; c++) {
		snprintf(text, sizeof(text), "%s(%c)", number, *c);
		if (hkid_normalise(text, out) == HKID_VALID) {
			assert_int_equal(found, '\0'); /* one check character, no more */
			found = *c;
		}
	}
	assert_int_not_equal(found, '\0');
	return found;
}

static void
every_number_has_one_check_character(void **state)
{
	char number[10];

	(void)state;
	for (int first = 'A' - 1; first <= 'Z'; first++) {
		for (int second = 'A'; second <= 'Z'; second++) {
			int n = first < 'A' ? 0 : 1;

			if (n == 1)
				number[0] = (char)first;
			snprintf(number + n, sizeof(number) - 1, "%c654321", second);
			check_of(number);
		}
	}
}

static void
every_wrong_digit_and_every_swap_is_seen(void **state)
{
	static const char *const numbers[] = {"A123456", "Z987650", "AB135792", "XY864209"};
	char text[HKID_SIZE];
	char out[HKID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		size_t n = strlen(numbers[i]);

		snprintf(text, sizeof(text), "%s(%c)", numbers[i], check_of(numbers[i]));
		for (size_t at = n - 6; at < n; at++) {
			char right = text[at];
			char next = text[at + 1];

			for (char c = '0'; c <= '9'; c++) {
				text[at] = c;
				assert_int_equal(hkid_normalise(text, out),
					c == right ? HKID_VALID : HKID_BAD_CHECK);
			}
			text[at] = right;
			if (at + 1 == n || right == next)
				continue;
			text[at] = next;
			text[at + 1] = right;
			assert_int_equal(hkid_normalise(text, out), HKID_BAD_CHECK);
			text[at] = right;
			text[at + 1] = next;
		}
	}
}

static void
bytes_that_are_no_text_are_malformed(void **state)
{
	static const char *const bad[] = {"A123456(3)\x80", "\xff\xfe", "\xef\xbc",
		"A12345\xef\xbc(3)",
		"\xc0\x81"
		"123456(3)",
		"A123456(3)\n",
		"A\x01"
		"123456(3)"};
	char out[HKID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hkid_normalise(bad[i], out), HKID_MALFORMED);
}

static void
half_is_shown_through_the_middle(void **state)
{
	static const char *const cases[][2] = {{"A123456(7)", "A123XXX(X)"},
		{"A123456(3)", "A123XXX(X)"}, {"AB123456(7)", "AB123XXX(X)"},
		{"AB987654(3)", "AB987XXX(X)"}, {"G123456(A)", "G123XXX(X)"}};
	char out[HKID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hkid_mask(cases[i][0], out);
		assert_string_equal(out, cases[i][1]);
	}
}

static void
what_is_not_normalised_is_hidden_whole(void **state)
{
	static const char *const cases[] = {"", "A1234563", "a123456(3)", " A123456(3)", "A123456",
		"Erased person 1042", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Ａ123456(3)", "12345678"};
	char out[HKID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hkid_mask(cases[i], out);
		assert_string_equal(out, "XXXXXXX(X)");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(every_number_has_one_check_character),
		cmocka_unit_test(every_wrong_digit_and_every_swap_is_seen),
		cmocka_unit_test(bytes_that_are_no_text_are_malformed),
		cmocka_unit_test(half_is_shown_through_the_middle),
		cmocka_unit_test(what_is_not_normalised_is_hidden_whole),
	};

	return cmocka_run_group_tests_name("hkid", tests, NULL, NULL);
}
