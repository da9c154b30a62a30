/* SPDX-License-Identifier: ISC */
/* What in a text may tell who somebody is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "redact.h"
#include "sb.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(64 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* "email:x@y.example phone:+85291234567": what was found, in order. */
static const char *
found(const char *text)
{
	static const char *const kinds[REDACT_KIND_MAX] = {
		"email", "phone", "hkid", "titled", "name", "zh"};
	struct redact_hit *hits;
	size_t n = redact_scan(a, text, &hits);
	struct sb sb;

	sb_init(&sb, a, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		assert_true(hits[i].start + hits[i].n <= strlen(text) && hits[i].n > 0);
		sb_printf(&sb, "%s%s:%s", i > 0 ? " " : "", kinds[hits[i].kind], hits[i].value);
	}
	return sb.n > 0 ? sb.p : "";
}

static void
test_found(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"nothing here, 12 of 345", ""},
		{"mail Mei.Fong@Other.Example.", "email:mei.fong@other.example"},
		{"<a@b.example>, c@", "email:a@b.example"},
		{"@b.example a@b", ""},
		{"call 9123 4567 or (+852) 6123-4567", "phone:+85291234567 phone:+85261234567"},
		{"91234567 61234567", "phone:+85291234567 phone:+85261234567"},
		{"on 2026-01-31 and 2026-02-01", ""},
		{"no 912345678901234567890", ""},
		{"x91234567", ""},
		{"card C123456(9), c 123456 9", "hkid:C123456(9) hkid:C123456(9)"},
		{"C123456(8) and AC123456", ""},
		{"Peter Wong", "name:Peter Wong"},
		{"see CHAN Tai Man, Peter.", "name:CHAN Tai Man, Peter name:CHAN Tai Man name:CHAN "
					     "Tai name:Tai Man, Peter "
					     "name:Tai Man name:Man, Peter"},
		{"Mr Ng said", "titled:Ng"},
		{"dear Mrs. Lee", "titled:Lee"},
		{"peter wong", ""},
		{"陳大文先生",
			"zh:陳大文先 zh:陳大文 titled:陳大文 zh:陳大 zh:文先生 zh:文先 titled:文"},
		{"請問陳先生", "zh:陳先生 zh:陳先 titled:陳"},
		{"你好世", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(found(cases[i][0]), cases[i][1]);
}

/* Whatever a text holds: it is read to its end, and no hit lies outside of it. */
static void
test_any_text(void **state)
{
	static const char *const pieces[] = {"\xff", "\xe9\x99", "陳", "+", "(", "@", "A", "9", " ",
		"Mr", "\xf0\xa0\xae\xb7", "C123456(9)", "先生", "-", ".", "\n"};
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct arena_mark mark = arena_mark(a);
		struct sb sb;

		sb_init(&sb, a, 4096);
		for (int k = 0; k < 40; k++) {
			seed = seed * 1103515245 + 12345;
			sb_puts(&sb, pieces[(seed >> 16) % COUNT(pieces)]);
		}
		(void)found(sb.p);
		arena_release(a, mark);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
