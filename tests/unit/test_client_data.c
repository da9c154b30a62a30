/* SPDX-License-Identifier: ISC */
/* clientDataJSON: for this origin, this moment, this challenge, or not at all. */
#include "unit.h"

#include "client_data.h"

#define ORIGIN "https://harbour.example.com:8443"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)4 << 20);
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
challenge_in(const char *json, size_t n)
{
	const char *challenge = NULL;
	struct bytes b = {(const unsigned char *)json, n};

	if (!client_data_read(a, b, CLIENT_DATA_GET, ORIGIN, &challenge)) {
		assert_null(challenge);
		return "";
	}
	return challenge;
}

static void
test_right(void **state)
{
	static const char *const right[] = {
		"{\"type\":\"webauthn.get\",\"challenge\":\"abc\",\"origin\":\"" ORIGIN "\"}",
		"{\"type\":\"webauthn.get\",\"challenge\":\"abc\",\"origin\":\"" ORIGIN
		"\",\"crossOrigin\":false}",
		"{\"challenge\":\"abc\",\"other_keys_can_be_added_here\":\"x\",\"origin\":\"" ORIGIN
		"\",\"type\":\"webauthn.get\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++)
		assert_string_equal(challenge_in(right[i], strlen(right[i])), "abc");
}

#define BODY(type, challenge, origin, more) \
	"{\"type\":" type ",\"challenge\":" challenge ",\"origin\":" origin more "}"
#define G "\"webauthn.get\""
#define C "\"abc\""
#define O "\"" ORIGIN "\""

static void
test_wrong(void **state)
{
	static const char *const wrong[] = {"", "null", "[]", "{}", "1", "{", BODY(G, C, O, "") "x",
		BODY("\"webauthn.create\"", C, O, ""), BODY("\"payment.get\"", C, O, ""),
		BODY("null", C, O, ""), BODY("[" G "]", C, O, ""), BODY(G, "1", O, ""),
		BODY(G, "null", O, ""), BODY(G, C, "null", ""), BODY(G, C, "\"null\"", ""),
		BODY(G, C, "\"https://harbour.example.com\"", ""),
		BODY(G, C, "\"http://harbour.example.com:8443\"", ""),
		BODY(G, C, "\"https://harbour.example.com:8443/\"", ""),
		BODY(G, C, "\"https://lantau.example.com:8443\"", ""),
		BODY(G, C, "\"https://harbour.example.com:8443.evil.example\"", ""),
		BODY(G, C, O, ",\"crossOrigin\":true"), BODY(G, C, O, ",\"crossOrigin\":\"x\""),
		BODY(G, C, O, ",\"topOrigin\":" O), BODY(G, C, O, ",\"origin\":" O),
		BODY(G, "\"a\\u0000b\"", O, "")};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_string_equal(challenge_in(wrong[i], strlen(wrong[i])), "");
}

static void
test_every_end(void **state)
{
	static const char whole[] = BODY(G, C, O, "");

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_string_equal(challenge_in(whole, n), "");
	assert_string_equal(challenge_in(whole, sizeof(whole) - 1), "abc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_every_end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
