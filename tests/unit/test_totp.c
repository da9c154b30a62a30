/* SPDX-License-Identifier: ISC */
/* One-time codes: the vectors of RFC 6238, the window, and what is used up. */
#include "unit.h"

#include "totp.h"

static struct arena *a;
static const unsigned char key[TOTP_SECRET] = "12345678901234567890";

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* RFC 6238, appendix B, SHA-1; the last six digits. */
static const struct {
	int64_t time;
	const char *code;
} vectors[] = {
	{59, "287082"},
	{1111111109, "081804"},
	{1111111111, "050471"},
	{1234567890, "005924"},
	{2000000000, "279037"},
	{20000000000, "353130"},
};

static void
test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		int64_t step = -1;

		assert_true(totp_matches(key, vectors[i].time, 0, vectors[i].code, &step));
		assert_true(step == vectors[i].time / 30);
	}
}

static void
test_window(void **state)
{
	int64_t step = -1, then = 1111111109, start = then / 30 * 30;

	(void)state;
	/* From one step early to one step late, to the second. */
	for (int64_t now = start - 31; now <= start + 61; now++) {
		bool in = now >= start - 30 && now < start + 60;

		assert_int_equal(totp_matches(key, now, 0, "081804", &step), in);
		if (in)
			assert_true(step == then / 30);
	}
}

static void
test_used(void **state)
{
	int64_t then = 1111111109, step = -1;

	(void)state;
	assert_true(totp_matches(key, then, then / 30 - 1, "081804", &step));
	assert_false(totp_matches(key, then, then / 30, "081804", &step));
	assert_false(totp_matches(key, then, then / 30 + 1, "081804", &step));
	/* Nor from a clock that goes back. */
	assert_false(totp_matches(key, then - 30, then / 30, "081804", &step));
	/* The next one is another. */
	assert_true(totp_matches(key, 1111111111, then / 30, "050471", &step));
}

static void
test_what_is_no_code(void **state)
{
	static const char *const wrong[] = {"", "0", "81804", "0818040", " 81804", "081804 ",
		"O81804", "０８１８０４", "-81804", "0x1804", "000000"};
	unsigned char other[TOTP_SECRET] = "12345678901234567891";
	int64_t step = -1;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(totp_matches(key, 1111111109, 0, wrong[i], &step));
	assert_false(totp_matches(other, 1111111109, 0, "081804", &step));
	assert_true(step == -1);
}

static void
test_texts(void **state)
{
	const char *uri;

	(void)state;
	assert_string_equal(totp_secret_text(a, key), "gezd gnbv gy3t qojq gezd gnbv gy3t qojq");
	uri = totp_uri(a, key, "Lee & Co: 李", "ling+x@example.com");
	assert_string_equal(uri,
		"otpauth://totp/Lee%20%26%20Co%3A%20%E6%9D%8E:ling%2Bx@example.com"
		"?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Lee%20%26%20Co%3A%20%E6%9D%8E");
}

static void
test_random_codes(void **state)
{
	const char *before = totp_random_code(a, 12);

	(void)state;
	for (int i = 0; i < 200; i++) {
		const char *code = totp_random_code(a, 12);

		assert_int_equal(strlen(code), 14);
		assert_int_equal(strspn(code, "abcdefghijklmnopqrstuvwxyz234567-"), 14);
		assert_true(code[4] == '-' && code[9] == '-');
		assert_string_not_equal(code, before);
		before = code;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_used),
		cmocka_unit_test(test_what_is_no_code),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_random_codes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
