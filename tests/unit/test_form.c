/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "form.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(1 << 22);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static const char *
parsed(const char *text, size_t fields)
{
	struct json_object *o;

	assert_null(form_parse(a, text, strlen(text), fields, &o));
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
}

static void
pairs_become_strings_and_arrays(void **state)
{
	(void)state;
	assert_string_equal(parsed("a=1&b=x+y%26z", 9), "{\"a\":\"1\",\"b\":\"x y&z\"}");
	assert_string_equal(parsed("a=1&a=2&a=", 9), "{\"a\":[\"1\",\"2\",\"\"]}");
	assert_string_equal(parsed("", 0), "{}");
	assert_string_equal(parsed("flag", 9), "{\"flag\":\"\"}");
	assert_string_equal(parsed("a=b=c", 9), "{\"a\":\"b=c\"}");
	assert_string_equal(parsed("&&a=1&&", 1), "{\"a\":\"1\"}");
	assert_string_equal(parsed("n%61me=%E9%99%B3", 9), "{\"name\":\"陳\"}");
}

static void
malformed_pairs_are_refused(void **state)
{
	static const char *const bad[] = {"a=%", "a=%4", "a=%4g", "a=%g4", "%=1", "a=%00", "%00=a",
		"a=%ff", "%ff=a", "a=%c0%80", "a=%ed%a0%80", "=1", "a=1&=", "a=\xff", "a=%E9%99",
		"a=%-1", "a=%+1", "a=% 1"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct json_object *o;
		struct err *e = form_parse(a, bad[i], strlen(bad[i]), 9, &o);

		assert_non_null(e);
		assert_int_equal(e->kind, ERR_BAD_REQUEST);
	}
}

static void
a_raw_nul_is_refused(void **state)
{
	struct json_object *o;

	(void)state;
	assert_non_null(form_parse(a, "a=x\0y", 5, 9, &o));
	assert_non_null(form_parse(a, "a\0b=x", 5, 9, &o));
}

static void
pairs_are_counted(void **state)
{
	struct json_object *o;
	struct err *e;

	(void)state;
	assert_string_equal(parsed("a=1&b=2", 2), "{\"a\":\"1\",\"b\":\"2\"}");
	e = form_parse(a, "a=1&a=2&a=3", 11, 2, &o);
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_TOO_LARGE);
}

static void
decoding_reads_each_byte_once(void **state)
{
	(void)state;
	assert_string_equal(percent_decode(a, "%2541", 5, false), "%41");
	assert_string_equal(percent_decode(a, "a+b", 3, false), "a+b");
	assert_string_equal(percent_decode(a, "a+b", 3, true), "a b");
	assert_string_equal(percent_decode(a, "%e4%Bd%A0", 9, true), "你");
	assert_string_equal(percent_decode(a, "", 0, true), "");
	/* The length counts, not what stands behind it. */
	assert_null(percent_decode(a, "%41", 2, true));
	assert_string_equal(percent_decode(a, "ab%zz", 2, true), "ab");
}

static void
encoding_survives_decoding(void **state)
{
	char all[256];
	const char *text, *encoded;

	(void)state;
	for (int i = 1; i < 128; i++)
		all[i - 1] = (char)i;
	all[127] = '\0';
	text = arena_printf(a, "%s陳大文/%%2F", all);
	encoded = percent_encode(a, text);
	assert_null(strpbrk(encoded, " /?#&=+\"<>;:\r\n"));
	assert_string_equal(percent_decode(a, encoded, strlen(encoded), true), text);
	assert_string_equal(percent_encode(a, "a-Z.0_~ é"), "a-Z.0_~%20%C3%A9");
}

static void
cookies_are_found_by_their_whole_name(void **state)
{
	static const char header[] =
		"xsid=no; sid=yes;sid=second; empty=;  padded = v ; q=\"a\"; a=b=c ";

	(void)state;
	assert_string_equal(cookie_find(a, header, "sid"), "yes");
	assert_string_equal(cookie_find(a, header, "empty"), "");
	assert_string_equal(cookie_find(a, header, "q"), "\"a\"");
	assert_string_equal(cookie_find(a, header, "a"), "b=c");
	assert_string_equal(cookie_find(a, "sid=1", "sid"), "1");
}

static void
other_cookies_are_not_taken_for_it(void **state)
{
	static const char *const without[] = {"", ";", "sid", "; sid ;", "SID=1", "xsid=1",
		"sidx=1", "sid =1", "x=sid=1", "x=\"; sidy=1", "=sid", "  ", ";;;;", "sid;=1"};

	(void)state;
	for (size_t i = 0; i < COUNT(without); i++)
		assert_null(cookie_find(a, without[i], "sid"));
	assert_null(cookie_find(a, NULL, "sid"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_become_strings_and_arrays),
		cmocka_unit_test(malformed_pairs_are_refused),
		cmocka_unit_test(a_raw_nul_is_refused),
		cmocka_unit_test(pairs_are_counted),
		cmocka_unit_test(decoding_reads_each_byte_once),
		cmocka_unit_test(encoding_survives_decoding),
		cmocka_unit_test(cookies_are_found_by_their_whole_name),
		cmocka_unit_test(other_cookies_are_not_taken_for_it),
	};

	return cmocka_run_group_tests_name("form", tests, setup, teardown);
}
