/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <argon2.h>
#include <cmocka.h>

#include "password.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
/* A small hash of "password" with salt "somesalt", from the tests of the
 * reference implementation. */
#define KNOWN "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

static struct arena *a;

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

static void
a_password_matches_its_own_hash_only(void **state)
{
	const char *hash = password_hash(a, "correct horse battery");

	(void)state;
	assert_memory_equal(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
	assert_int_equal(strlen(hash), 31 + 22 + 1 + 43);
	assert_true(password_matches(hash, "correct horse battery"));
	assert_false(password_matches(hash, "correct horse batterz"));
	assert_false(password_matches(hash, "correct horse battery "));
	assert_false(password_matches(hash, "correct horse batter"));
	assert_false(password_matches(hash, "Correct horse battery"));
	assert_false(password_matches(hash, ""));
}

static void
the_library_agrees(void **state)
{
	const char *hash = password_hash(a, "密碼密碼密碼");

	(void)state;
	assert_int_equal(argon2id_verify(hash, "密碼密碼密碼", strlen("密碼密碼密碼")), ARGON2_OK);
	assert_int_equal(argon2id_verify(hash, "password", 8), ARGON2_VERIFY_MISMATCH);
}

static void
a_published_hash_matches(void **state)
{
	(void)state;
	assert_true(password_matches(KNOWN, "password"));
	assert_false(password_matches(KNOWN, "passwore"));
	assert_false(password_matches("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
				      "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/8",
		"password"));
}

/* RFC 9106, section 5.3: libargon2 is what it says it is. */
static void
argon2id_gives_the_published_answer(void **state)
{
	static const unsigned char want[32] = {0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08,
		0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6,
		0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59};
	unsigned char out[32], pwd[32], salt[16], secret[8], ad[12];
	argon2_context ctx = {.out = out,
		.outlen = 32,
		.pwd = memset(pwd, 1, 32),
		.pwdlen = 32,
		.salt = memset(salt, 2, 16),
		.saltlen = 16,
		.secret = memset(secret, 3, 8),
		.secretlen = 8,
		.ad = memset(ad, 4, 12),
		.adlen = 12,
		.t_cost = 3,
		.m_cost = 32,
		.lanes = 4,
		.threads = 1,
		.version = ARGON2_VERSION_13};

	(void)state;
	assert_int_equal(argon2_ctx(&ctx, Argon2_id), ARGON2_OK);
	assert_memory_equal(out, want, 32);
}

static void
the_same_password_never_hashes_the_same(void **state)
{
	(void)state;
	assert_string_not_equal(password_hash(a, "same"), password_hash(a, "same"));
}

static void
what_is_no_hash_of_ours_matches_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"password",
		"$argon2id$",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
		/* another algorithm, version, lanes */
		"$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/"
		"4",
		"$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		/* what would cost too much, nothing, or is no plain number */
		"$argon2id$v=19$m=65537,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=4294967552,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=9,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/"
		"4",
		"$argon2id$v=19$m=0256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=+256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		/* salt too short, too long, not base64 */
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNh$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=1$"
		"c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0c29tZXNhbHRzb21lc2FsdA$"
		"nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		/* hash cut, lengthened, in the other alphabet */
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHG",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4A",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR_"
		"uIPnA4rEsF5h7TKyQwu9U1bMCHGi_4",
		" " KNOWN,
		KNOWN " ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(password_matches(bad[i], "password"));
}

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
an_unknown_account_costs_as_much_as_a_known_one(void **state)
{
	const char *hash = password_hash(a, "correct horse battery");
	double spent[3] = {1e9, 1e9, 1e9};

	(void)state;
	/* The best of some rounds of processor time: other load does not count. */
	for (int round = 0; round < 5; round++) {
		const char *const given[] = {hash, NULL, "damaged"};

		for (size_t i = 0; i < 3; i++) {
			double start = cpu_ms();

			assert_false(password_matches(given[i], "wrong horse battery"));
			start = cpu_ms() - start;
			spent[i] = start < spent[i] ? start : spent[i];
		}
	}
	for (size_t i = 1; i < 3; i++) {
		assert_true(spent[i] > spent[0] * 0.7);
		assert_true(spent[i] < spent[0] * 1.4);
	}
}

static long
rss_anon_kib(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "RssAnon: %ld kB", &kib) == 1)
			break;
	fclose(f);
	assert_true(kib > 0);
	return kib;
}

/* Runs first: memory that an earlier hash had kept would be there "before". */
static void
the_memory_goes_back_to_the_system(void **state)
{
	long before = rss_anon_kib();
	const char *hash = password_hash(a, "correct horse batterz");

	(void)state;
	assert_true(rss_anon_kib() < before + 1024);
	for (int i = 0; i < 4; i++) {
		password_hash(a, "correct horse battery");
		assert_false(password_matches(hash, "correct horse battery"));
		assert_false(password_matches(NULL, "correct horse battery"));
		assert_true(rss_anon_kib() < before + 1024);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_memory_goes_back_to_the_system),
		cmocka_unit_test(a_password_matches_its_own_hash_only),
		cmocka_unit_test(the_library_agrees),
		cmocka_unit_test(a_published_hash_matches),
		cmocka_unit_test(argon2id_gives_the_published_answer),
		cmocka_unit_test(the_same_password_never_hashes_the_same),
		cmocka_unit_test(what_is_no_hash_of_ours_matches_nothing),
		cmocka_unit_test(an_unknown_account_costs_as_much_as_a_known_one),
	};

	return cmocka_run_group_tests_name("password", tests, setup, teardown);
}
