/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sign.h"
#include "token.h"

static struct arena *a;

static struct bytes
hex(const char *text)
{
	struct bytes b;

	assert_true(hex_decode(a, text, &b));
	return b;
}

static struct seal_key
key_of(const char *text)
{
	struct seal_key key = {.id = 1};

	memcpy(key.key, hex(text).p, sizeof(key.key));
	return key;
}

/* RFC 8032, 7.1: test 1 (nothing) and test 2 (one byte, 0x72). */
static void
signs_as_the_standard_says(void **state)
{
	static const struct {
		const char *key, *public, *text, *signature;
	} vectors[] = {
		{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590"
			"a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
		{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "r",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e"
			"15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seal_key key = key_of(vectors[i].key);
		unsigned char public[SIGN_PUBLIC], signature[SIGN_BYTES];

		sign_public(&key, public);
		assert_memory_equal(public, hex(vectors[i].public).p, sizeof(public));
		sign_text(&key, vectors[i].text, signature);
		assert_memory_equal(signature, hex(vectors[i].signature).p, sizeof(signature));
		assert_true(sign_check(public, vectors[i].text, signature));
	}
}

static void
nothing_else_is_good(void **state)
{
	unsigned char public[SIGN_PUBLIC], signature[SIGN_BYTES], zero[SIGN_PUBLIC] = {0};
	struct seal_key key, other;

	(void)state;
	seal_key_random(&key);
	seal_key_random(&other);
	sign_public(&key, public);
	sign_text(&key, "a head", signature);
	assert_true(sign_check(public, "a head", signature));
	assert_false(sign_check(public, "a heaD", signature));
	assert_false(sign_check(public, "", signature));
	assert_false(sign_check(zero, "a head", signature));
	for (size_t i = 0; i < sizeof(signature); i++) {
		signature[i] ^= 1;
		assert_false(sign_check(public, "a head", signature));
		signature[i] ^= 1;
	}
	sign_text(&other, "a head", signature);
	assert_false(sign_check(public, "a head", signature));
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_the_standard_says),
		cmocka_unit_test(nothing_else_is_good),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
