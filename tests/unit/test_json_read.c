/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "json_read.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(1 << 24);
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
reread(const char *text)
{
	struct json_object *o;

	assert_null(json_read(a, text, strlen(text), &o));
	return json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void
refused_n(const char *text, size_t n, enum err_kind kind)
{
	struct json_object *o;
	struct err *e = json_read(a, text, n, &o);

	if (e == NULL)
		fail_msg("accepted: %s", text);
	assert_int_equal(e->kind, kind);
}

static void
values_are_read_as_written(void **state)
{
	(void)state;
	assert_string_equal(reread(" {\"a\" : [1 , -2,true,false,null,\"x\"] }\r\n\t"),
		"{\"a\":[1,-2,true,false,null,\"x\"]}");
	assert_string_equal(reread("{}"), "{}");
	assert_string_equal(reread("[]"), "[]");
	assert_string_equal(reread("[ ]"), "[]");
	assert_string_equal(reread("null"), "null");
	assert_string_equal(reread("\"陳大文\""), "\"陳大文\"");
	assert_string_equal(reread("{\"\":{}}"), "{\"\":{}}");
}

static void
escapes_become_characters(void **state)
{
	(void)state;
	assert_string_equal(reread("\"\\u9673\""), "\"陳\"");
	assert_string_equal(reread("\"\\ud840\\udc00\""), "\"\xf0\xa0\x80\x80\"");
	assert_string_equal(reread("\"\\/\\\\\\\"\""), "\"/\\\\\\\"\"");
	assert_string_equal(reread("\"\\b\\f\\n\\r\\t\""), "\"\\b\\f\\n\\r\\t\"");
	assert_string_equal(reread("\"a\\\\\""), "\"a\\\\\"");
}

static void
numbers_keep_their_text(void **state)
{
	struct json_object *o;

	(void)state;
	assert_string_equal(reread("[0,-0,12.50,1e3,-1.5E-2]"), "[0,0,12.50,1e3,-1.5E-2]");
	assert_string_equal(reread("[9223372036854775807,-9223372036854775808]"),
		"[9223372036854775807,-9223372036854775808]");
	assert_null(json_read(a, "9223372036854775808", 19, &o));
	assert_true(json_object_is_type(o, json_type_double));
	assert_null(json_read(a, "1.0", 3, &o));
	assert_true(json_object_is_type(o, json_type_double));
	assert_null(json_read(a, "-7", 2, &o));
	assert_true(json_object_is_type(o, json_type_int));
}

static void
malformed_text_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "{", "}", "[", "]", "{]", "[}", "{\"a\"}",
		"{\"a\":}", "{\"a\":1,}", "{,}", "[,]", "[1,]", "[1 2]", "{a:1}", "{'a':1}", "'a'",
		"\"", "\"a", "\"\\\"", "\"\\", "tru", "truex", "TRUE", "nul", "None", "NaN", "nan",
		"Infinity", "-Infinity", "undefined", "{} {}", "[]x", "1 2", "//c\n1", "/*c*/1",
		"1//c", "{\"a\":1 \"b\":2}", "{\"a\" 1}", "[\"a\" \"b\"]", "{1:2}", "{null:1}",
		"\xef\xbb\xbf{}", "{\"a\":1;\"b\":2}", "\\u0041", "\f1", "\v1"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		refused_n(bad[i], strlen(bad[i]), ERR_BAD_REQUEST);
}

static void
malformed_numbers_are_refused(void **state)
{
	static const char *const bad[] = {"+1", "01", "-01", "-", ".5", "1.", "1.e1", "1e", "1e+",
		"0x1", "1_000", "1,5", "--1", "1e1.5", "1e999", "-1e999", "00", "1a", "١"};
	char longer[80];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		refused_n(bad[i], strlen(bad[i]), ERR_BAD_REQUEST);
	memset(longer, '1', sizeof(longer));
	refused_n(longer, sizeof(longer), ERR_BAD_REQUEST);
}

static void
bad_text_in_strings_is_refused(void **state)
{
	static const char *const bad[] = {"\"\\u0000\"", "\"\\u000\"", "\"\\u00g0\"", "\"\\ud800\"",
		"\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\x41\"",
		"\"\\'\"", "\"\\u\"", "\"\\U0041\"", "\"a\nb\"", "\"a\tb\"", "\"\x01\"", "\"\xff\"",
		"\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xe4\xbd\"", "{\"\\u0000\":1}",
		"{\"\xff\":1}"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		refused_n(bad[i], strlen(bad[i]), ERR_BAD_REQUEST);
	refused_n("\"a\0b\"", 5, ERR_BAD_REQUEST);
	refused_n("1\0", 2, ERR_BAD_REQUEST);
	refused_n("\"\\\0\"", 4, ERR_BAD_REQUEST);
}

static void
the_given_length_is_the_end(void **state)
{
	(void)state;
	refused_n("\"abc\"", 4, ERR_BAD_REQUEST);
	refused_n("\"ab\\\"", 5, ERR_BAD_REQUEST);
	refused_n("true", 3, ERR_BAD_REQUEST);
	refused_n("\"\\u9673\"", 5, ERR_BAD_REQUEST);
	refused_n("\"\xe9\x99\xb3\"", 3, ERR_BAD_REQUEST);
}

static void
a_name_stands_once_in_an_object(void **state)
{
	(void)state;
	assert_string_equal(reread("{\"a\":{\"a\":1},\"b\":1}"), "{\"a\":{\"a\":1},\"b\":1}");
	refused_n("{\"a\":1,\"a\":1}", 13, ERR_BAD_REQUEST);
	refused_n("{\"a\":null,\"\\u0061\":1}", 21, ERR_BAD_REQUEST);
}

static void
depth_ends_at_its_limit(void **state)
{
	char text[2 * (JSON_DEPTH + 1)];

	(void)state;
	memset(text, '[', JSON_DEPTH);
	memset(text + JSON_DEPTH, ']', JSON_DEPTH);
	text[2 * JSON_DEPTH] = '\0';
	assert_string_equal(reread(text), text);
	memset(text, '[', JSON_DEPTH + 1);
	memset(text + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
	refused_n(text, sizeof(text), ERR_BAD_REQUEST);
}

static void
values_are_counted(void **state)
{
	size_t n = 3 * (size_t)JSON_VALUES;
	char *text = arena_alloc(a, n);
	struct json_object *o;

	(void)state;
	/* The array itself is a value too. */
	for (size_t i = 0; i < JSON_VALUES - 1; i++)
		memcpy(text + 1 + 3 * i, "{},", 3);
	text[0] = '[';
	text[3 * (JSON_VALUES - 1)] = ']';
	assert_null(json_read(a, text, 3 * (JSON_VALUES - 1) + 1, &o));
	memcpy(text + 3 * (JSON_VALUES - 1), ",1]", 3);
	refused_n(text, n, ERR_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_as_written),
		cmocka_unit_test(escapes_become_characters),
		cmocka_unit_test(numbers_keep_their_text),
		cmocka_unit_test(malformed_text_is_refused),
		cmocka_unit_test(malformed_numbers_are_refused),
		cmocka_unit_test(bad_text_in_strings_is_refused),
		cmocka_unit_test(the_given_length_is_the_end),
		cmocka_unit_test(a_name_stands_once_in_an_object),
		cmocka_unit_test(depth_ends_at_its_limit),
		cmocka_unit_test(values_are_counted),
	};

	return cmocka_run_group_tests_name("json_read", tests, setup, teardown);
}
