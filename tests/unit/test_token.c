/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "evp.h"
#include "token.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

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

static struct bytes
text(const char *s)
{
	return (struct bytes){(const unsigned char *)s, strlen(s)};
}

static struct bytes
fill(int c, size_t n)
{
	return (struct bytes){memset(arena_alloc(a, n), c, n), n};
}

/* first, first + 1 ... */
static struct bytes
count_up(int first, size_t n)
{
	unsigned char *p = arena_alloc(a, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(first + (int)i);
	return (struct bytes){p, n};
}

/* FIPS 180-4 and its examples. */
static void
sha256_gives_the_published_answers(void **state)
{
	const struct {
		struct bytes in;
		const char *want;
	} cases[] = {
		{{NULL, 0}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{fill('a', 1000000),
			"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	};
	unsigned char out[DIGEST_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sha256(cases[i].in.p, cases[i].in.n, out);
		assert_string_equal(hex_encode(a, out, sizeof(out)), cases[i].want);
	}
}

static void
a_digest_in_pieces_is_the_same(void **state)
{
	struct bytes in = fill('a', 1000000);
	unsigned char out[DIGEST_BYTES];
	struct digest *d = digest_new(a);
	struct digest *none = digest_new(a);
	size_t step = 1;

	(void)state;
	for (size_t at = 0; at < in.n; at += step, step = step * 3 % 100003) {
		if (step > in.n - at)
			step = in.n - at;
		digest_add(d, in.p + at, step);
		digest_add(d, NULL, 0);
		sha256("between", 7, out); /* another digest does not disturb it */
	}
	digest_end(d, out);
	assert_string_equal(hex_encode(a, out, sizeof(out)),
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	digest_end(none, out);
	assert_string_equal(hex_encode(a, out, sizeof(out)),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
a_digest_ends_once(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			unsigned char out[DIGEST_BYTES];
			struct digest *d = digest_new(a);

			close(STDERR_FILENO);
			digest_end(d, out);
			if (way == 0)
				digest_end(d, out);
			else
				digest_add(d, "x", 1);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 70);
	}
}

/* RFC 4231, test cases 1, 2, 3, 4, 6 and 7. */
static void
hmac_gives_the_published_answers(void **state)
{
	const struct {
		struct bytes key;
		struct bytes in;
		const char *want;
	} cases[] = {
		{fill(0x0b, 20), text("Hi There"),
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{text("Jefe"), text("what do ya want for nothing?"),
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{fill(0xaa, 20), fill(0xdd, 50),
			"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{count_up(1, 25), fill(0xcd, 50),
			"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
		{fill(0xaa, 131), text("Test Using Larger Than Block-Size Key - Hash Key First"),
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{fill(0xaa, 131),
			text("This is a test using a larger than block-size key and a larger than "
			     "block-size data. The key needs to be hashed before being used by "
			     "the HMAC algorithm."),
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	};
	unsigned char out[DIGEST_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct bytes in = cases[i].in;

		for (size_t cut = 0; cut <= in.n; cut++) {
			const struct bytes parts[] = {{in.p, cut}, {in.p + cut, in.n - cut}};

			hmac_parts(cases[i].key, parts, 2, out);
			assert_string_equal(hex_encode(a, out, sizeof(out)), cases[i].want);
		}
	}
}

static void
hmac_without_a_key_does_not_use_the_last_one(void **state)
{
	const struct bytes none = {NULL, 0};
	const struct bytes in = text("data");
	unsigned char fresh[DIGEST_BYTES];
	unsigned char after[DIGEST_BYTES];
	unsigned char keyed[DIGEST_BYTES];

	(void)state;
	hmac_parts(none, &in, 1, fresh);
	hmac_parts(text("a key"), &in, 1, keyed);
	hmac_parts(none, &in, 1, after);
	assert_memory_equal(fresh, after, sizeof(fresh));
	assert_memory_not_equal(keyed, after, sizeof(keyed));
}

static void
hmac_sha256_takes_the_whole_key(void **state)
{
	struct seal_key key = {.id = 1};
	unsigned char one[DIGEST_BYTES];
	unsigned char two[DIGEST_BYTES];
	const struct bytes in = text("data");

	(void)state;
	hmac_sha256(&key, "data", 4, one);
	hmac_parts((struct bytes){key.key, KEY_BYTES}, &in, 1, two);
	assert_memory_equal(one, two, sizeof(one));
	key.key[KEY_BYTES - 1] = 1;
	hmac_sha256(&key, "data", 4, two);
	assert_memory_not_equal(one, two, sizeof(one));
}

/* RFC 5869, test cases 1, 2 and 3. */
static void
hkdf_gives_the_published_answers(void **state)
{
	const struct {
		struct hkdf_input in;
		const char *want;
	} cases[] = {
		{{fill(0x0b, 22), count_up(0, 13), count_up(0xf0, 10)},
			"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
			"34007208d5b887185865"},
		{{count_up(0, 80), count_up(0x60, 80), count_up(0xb0, 80)},
			"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
			"59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
			"cc30c58179ec3e87c14c01d5c1f3434f1d87"},
		{{fill(0x0b, 22), {NULL, 0}, {NULL, 0}},
			"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
			"9d201395faa4b61a96c8"},
	};
	unsigned char out[128];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = strlen(cases[i].want) / 2;

		memset(out, 0xee, sizeof(out));
		hkdf_sha256(&cases[i].in, out, n);
		assert_string_equal(hex_encode(a, out, n), cases[i].want);
		assert_int_equal(out[n], 0xee);
	}
}

static void
hex_there_and_back(void **state)
{
	struct bytes all = count_up(0, 256);
	struct bytes back;

	(void)state;
	assert_string_equal(hex_encode(a, "\x00\x7f\x80\xff", 4), "007f80ff");
	assert_string_equal(hex_encode(a, "", 0), "");
	assert_true(hex_decode(a, hex_encode(a, all.p, all.n), &back));
	assert_int_equal(back.n, 256);
	assert_memory_equal(back.p, all.p, 256);
	assert_true(hex_decode(a, "aAfF", &back));
	assert_memory_equal(back.p, "\xaa\xff", 2);
	assert_true(hex_decode(a, "", &back));
	assert_int_equal(back.n, 0);
}

static void
bad_hex_is_refused(void **state)
{
	static const char *const bad[] = {"a", "abc", "0g", "g0", " 00", "00 ", "0x00", "00\n",
		"-1", "aa:bb", "\xef\xbc\x90\xef\xbc\x90", "/0", ":0", "@0", "G0", "`0"};
	struct bytes out = {NULL, 99};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(hex_decode(a, bad[i], &out));
	assert_int_equal(out.n, 99);
}

/* RFC 4648, section 10, without padding. */
static void
base64url_gives_the_published_answers(void **state)
{
	static const char *const cases[][2] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
		{"\xff\xef\xbe", "_---"}};
	struct bytes back;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = strlen(cases[i][0]);

		assert_string_equal(base64url_encode(a, cases[i][0], n), cases[i][1]);
		assert_true(base64url_decode(a, cases[i][1], &back));
		assert_int_equal(back.n, n);
		assert_memory_equal(back.p, cases[i][0], n);
	}
}

static void
base64url_there_and_back(void **state)
{
	unsigned char raw[300];
	struct bytes back;

	(void)state;
	random_bytes(raw, sizeof(raw));
	for (size_t n = 0; n <= sizeof(raw); n++) {
		assert_true(base64url_decode(a, base64url_encode(a, raw, n), &back));
		assert_int_equal(back.n, n);
		assert_memory_equal(back.p, raw, n);
	}
}

static void
bad_base64url_is_refused(void **state)
{
	static const char *const bad[] = {"A", "AAAAA", "Zg==", "Zg=", "=", "Zm9v=", "Zm+v", "Zm/v",
		" Zg", "Zg ", "Z g", "Zg\n", "Zh", "Zm9", "Zm8\xc3\xa9", "Zm9vY", "Zm.v"};
	struct bytes out = {NULL, 99};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(base64url_decode(a, bad[i], &out));
	assert_int_equal(out.n, 99);
}

static void
tokens_are_long_and_never_alike(void **state)
{
	const char *seen[100];

	(void)state;
	for (size_t i = 0; i < COUNT(seen); i++) {
		seen[i] = token_new(a, 32);
		assert_int_equal(strlen(seen[i]), 43);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
	assert_int_equal(strlen(token_new(a, 16)), 22);
	assert_int_equal(strlen(token_new(a, 256)), 342);
}

static void
random_bytes_fill_all_and_no_more(void **state)
{
	unsigned char buf[5002];
	unsigned char ever[5000] = {0};

	(void)state;
	for (int round = 0; round < 16; round++) {
		memset(buf, 0, sizeof(buf));
		random_bytes(buf + 1, 5000);
		assert_int_equal(buf[0], 0);
		assert_int_equal(buf[5001], 0);
		for (size_t i = 0; i < 5000; i++)
			ever[i] |= buf[i + 1];
	}
	/* A byte that is zero 16 times: one chance in 2^128 each. */
	for (size_t i = 0; i < 5000; i++)
		assert_int_not_equal(ever[i], 0);
	random_bytes(NULL, 0);
}

static void
comparison_sees_every_byte(void **state)
{
	unsigned char one[32] = {0};
	unsigned char two[32] = {0};

	(void)state;
	assert_true(equal_const_time(one, two, 32));
	assert_true(equal_const_time("a", "b", 0));
	for (size_t i = 0; i < 32; i++) {
		two[i] = 1;
		assert_false(equal_const_time(one, two, 32));
		two[i] = 0;
	}
}

static void
wiping_wipes(void **state)
{
	char secret[16] = "do not leave me";

	(void)state;
	secret_wipe(secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++)
		assert_int_equal(secret[i], 0);
}

static bool
same(struct bytes one, struct bytes two)
{
	assert_int_equal(one.n, 16);
	assert_int_equal(two.n, 16);
	return memcmp(one.p, two.p, 16) == 0;
}

static void
blind_indexes_are_equal_for_equal_values_only(void **state)
{
	struct seal_key key = {.id = 1};
	struct seal_key other;
	struct bytes base;

	(void)state;
	seal_key_random(&key);
	seal_key_random(&other);
	base = blind_index(a, &key, "contact.hkid", "A123456(3)");
	assert_true(same(base, blind_index(a, &key, "contact.hkid", "A123456(3)")));
	assert_false(same(base, blind_index(a, &key, "contact.hkid", "A123456(4)")));
	assert_false(same(base, blind_index(a, &key, "contact.hkid", "a123456(3)")));
	assert_false(same(base, blind_index(a, &key, "contact.hkid", "A123456(3) ")));
	assert_false(same(base, blind_index(a, &key, "contact.hkid", "")));
	assert_false(same(base, blind_index(a, &key, "contact.tax_id", "A123456(3)")));
	assert_false(same(base, blind_index(a, &other, "contact.hkid", "A123456(3)")));
	/* The border between place and text counts. */
	assert_false(same(blind_index(a, &key, "ab", "c"), blind_index(a, &key, "a", "bc")));
	assert_false(same(blind_index(a, &key, "abc", ""), blind_index(a, &key, "", "abc")));
}

static void
a_blind_index_is_the_mac_it_says(void **state)
{
	struct seal_key key = {.id = 1};
	unsigned char mac[DIGEST_BYTES];

	(void)state;
	hmac_sha256(&key, "place\0text", 10, mac);
	assert_memory_equal(blind_index(a, &key, "place", "text").p, mac, 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_gives_the_published_answers),
		cmocka_unit_test(a_digest_in_pieces_is_the_same),
		cmocka_unit_test(a_digest_ends_once),
		cmocka_unit_test(hmac_gives_the_published_answers),
		cmocka_unit_test(hmac_without_a_key_does_not_use_the_last_one),
		cmocka_unit_test(hmac_sha256_takes_the_whole_key),
		cmocka_unit_test(hkdf_gives_the_published_answers),
		cmocka_unit_test(hex_there_and_back),
		cmocka_unit_test(bad_hex_is_refused),
		cmocka_unit_test(base64url_gives_the_published_answers),
		cmocka_unit_test(base64url_there_and_back),
		cmocka_unit_test(bad_base64url_is_refused),
		cmocka_unit_test(tokens_are_long_and_never_alike),
		cmocka_unit_test(random_bytes_fill_all_and_no_more),
		cmocka_unit_test(comparison_sees_every_byte),
		cmocka_unit_test(wiping_wipes),
		cmocka_unit_test(blind_indexes_are_equal_for_equal_values_only),
		cmocka_unit_test(a_blind_index_is_the_mac_it_says),
	};

	return cmocka_run_group_tests_name("token", tests, setup, teardown);
}
