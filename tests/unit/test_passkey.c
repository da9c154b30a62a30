/* SPDX-License-Identifier: ISC */
/* Credentials and proofs of passkeys, right ones of every kind and all that is wrong with others.
 */
#include "authenticator.h"

#include "cbor.h"

#define THERE 0x05 /* there and verified */
#define MAKES 0x45 /* and a new key */

static struct arena *a;
static const int algs[] = {PASSKEY_ES256, PASSKEY_EDDSA, PASSKEY_RS256};
static const unsigned char hash[DIGEST_BYTES] = "the digest of clientDataJSON ...";

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

static struct bytes
all(const struct buf *b)
{
	return (struct bytes){b->p, b->n};
}

static bool
reads(const struct buf *b, struct passkey *k)
{
	return passkey_read(a, RP, all(b), k);
}

static bool
proves(const struct passkey *k, const struct buf *data, const struct buf *signature, int64_t *count)
{
	struct passkey_proof proof = {hash, all(data), all(signature)};

	return passkey_proves(RP, k, &proof, count);
}

static EVP_PKEY *
enrol(int alg, struct passkey *k)
{
	EVP_PKEY *pair = new_pair(alg);
	struct buf made = {.n = 0};

	assert_non_null(pair);
	make_credential(&made, pair, alg, RP, MAKES);
	assert_true(reads(&made, k));
	return pair;
}

static void
test_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		struct buf data = {.n = 0}, signature = {.n = 0};
		struct passkey k;
		EVP_PKEY *pair = enrol(algs[i], &k);
		int64_t count = -1;

		assert_int_equal(k.alg, algs[i]);
		assert_int_equal(k.id.n, 31);
		assert_memory_equal(k.id.p, "a credential of sixteen or more", 31);
		assert_true(k.count == 0);
		put_data_head(&data, RP, THERE, 70000);
		sign(&signature, pair, algs[i], &data, hash);
		assert_true(proves(&k, &data, &signature, &count));
		assert_true(count == 70000);
		EVP_PKEY_free(pair);
	}
}

static void
test_flags_and_place(void **state)
{
	static const struct {
		const char *rp;
		unsigned flags;
	} wrong[] = {{"crm.example.org", THERE}, {"example.com", THERE}, {"", THERE}, {RP, 0},
		{RP, 0x01}, {RP, 0x04}, {RP, MAKES}, {RP, THERE | 0x80}};
	struct passkey k;
	EVP_PKEY *pair = enrol(PASSKEY_ES256, &k);

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct buf data = {.n = 0}, signature = {.n = 0}, made = {.n = 0};
		struct passkey other;
		int64_t count = -1;

		put_data_head(&data, wrong[i].rp, wrong[i].flags, 1);
		sign(&signature, pair, PASSKEY_ES256, &data, hash);
		assert_false(proves(&k, &data, &signature, &count));
		assert_true(count == -1);
		if (wrong[i].flags == MAKES)
			continue;
		make_credential(&made, pair, PASSKEY_ES256, wrong[i].rp, wrong[i].flags | 0x40);
		assert_false(reads(&made, &other));
	}
	EVP_PKEY_free(pair);
}

static void
test_any_bit_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(algs); i++) {
		struct buf data = {.n = 0}, signature = {.n = 0};
		struct passkey k;
		EVP_PKEY *pair = enrol(algs[i], &k);
		int64_t count;

		put_data_head(&data, RP, THERE, 9);
		sign(&signature, pair, algs[i], &data, hash);
		for (size_t bit = 0; bit < 8 * data.n; bit += 5) {
			data.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_false(proves(&k, &data, &signature, &count));
			data.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		for (size_t bit = 0; bit < 8 * signature.n; bit += 13) {
			signature.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_false(proves(&k, &data, &signature, &count));
			signature.p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		assert_true(proves(&k, &data, &signature, &count));
		for (size_t n = 0; n < data.n; n++) {
			struct buf cut = data;

			cut.n = n;
			assert_false(proves(&k, &cut, &signature, &count));
		}
		put_byte(&data, 0xa0);
		assert_false(proves(&k, &data, &signature, &count));
		EVP_PKEY_free(pair);
	}
}

static void
test_somebody_elses_key(void **state)
{
	struct buf data = {.n = 0}, signature = {.n = 0};
	struct passkey mine, theirs;
	EVP_PKEY *one = enrol(PASSKEY_ES256, &mine), *two = enrol(PASSKEY_ES256, &theirs);
	int64_t count;

	(void)state;
	put_data_head(&data, RP, THERE, 1);
	sign(&signature, two, PASSKEY_ES256, &data, hash);
	assert_true(proves(&theirs, &data, &signature, &count));
	assert_false(proves(&mine, &data, &signature, &count));
	/* A passkey nobody has is never proved, whatever is sent. */
	assert_false(proves(NULL, &data, &signature, &count));
	/* Nor is a key of one kind one of another. */
	theirs.alg = PASSKEY_EDDSA;
	assert_false(proves(&theirs, &data, &signature, &count));
	theirs.alg = 0;
	assert_false(proves(&theirs, &data, &signature, &count));
	EVP_PKEY_free(one);
	EVP_PKEY_free(two);
}

/* Cut anywhere, or with a byte changed, it is refused or read, and never more than read. */
static void
test_malformed_credentials(void **state)
{
	struct buf whole = {.n = 0};
	EVP_PKEY *pair = new_pair(PASSKEY_ES256);
	struct passkey k;

	(void)state;
	make_credential(&whole, pair, PASSKEY_ES256, RP, MAKES);
	for (size_t n = 0; n < whole.n; n++) {
		struct buf cut = whole;

		cut.n = n;
		assert_false(reads(&cut, &k));
	}
	for (size_t i = 0; i < whole.n; i++) {
		struct buf other = whole;

		other.p[i] = 0xff;
		if (reads(&other, &k))
			assert_true(k.id.n > 0 && k.id.n <= PASSKEY_ID_MAX);
	}
	put_byte(&whole, 0);
	assert_false(reads(&whole, &k));
	EVP_PKEY_free(pair);
}

static void
test_a_point_off_the_curve(void **state)
{
	struct buf made = {.n = 0};
	EVP_PKEY *pair = new_pair(PASSKEY_ES256);
	struct passkey k;

	(void)state;
	make_credential(&made, pair, PASSKEY_ES256, RP, MAKES);
	assert_true(reads(&made, &k));
	made.p[made.n - 1] ^= 1;
	assert_false(reads(&made, &k));
	EVP_PKEY_free(pair);
}

static void
test_extensions(void **state)
{
	struct buf data = {.n = 0}, signature = {.n = 0};
	struct passkey k;
	EVP_PKEY *pair = enrol(PASSKEY_ES256, &k);
	int64_t count;

	(void)state;
	put_data_head(&data, RP, THERE | 0x80, 1);
	put_head(&data, 5, 1);
	put_text(&data, "uvm");
	put_byte(&data, 0xf5);
	sign(&signature, pair, PASSKEY_ES256, &data, hash);
	assert_true(proves(&k, &data, &signature, &count));
	/* A map of four thousand million members in five bytes. */
	data.n = 37;
	put(&data, "\xba\xff\xff\xff\xff", 5);
	sign(&signature, pair, PASSKEY_ES256, &data, hash);
	assert_false(proves(&k, &data, &signature, &count));
	EVP_PKEY_free(pair);
}

static void
test_cbor(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, size;
	} items[] = {
		{"", 0, 0},
		{"\x00", 1, 1},
		{"\x17", 1, 1},
		{"\x18", 1, 0},
		{"\x18\xff", 2, 2},
		{"\x1b\x01\x02\x03\x04\x05\x06\x07\x08", 9, 9},
		{"\x1c", 1, 0},
		{"\x1f", 1, 0},
		{"\x43"
		 "abc",
			4, 4},
		{"\x43"
		 "ab",
			3, 0},
		{"\x5f\x41"
		 "a\xff",
			4, 0},
		{"\x82\x01\x02", 3, 3},
		{"\x82\x01", 2, 0},
		{"\x9f\x01\xff", 3, 0},
		{"\xa1\x01\x02", 3, 3},
		{"\xa1\x01", 2, 0},
		{"\xc1\x01", 2, 0},
		{"\xf6", 1, 1},
		{"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9, 0},
		{"\xbb\x80\x00\x00\x00\x00\x00\x00\x00", 9, 0},
		{"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9, 0},
		{"\x81\x81\x81\x81\x81\x81\x00", 7, 7},
		{"\x81\x81\x81\x81\x81\x81\x81\x00", 8, 0},
		{"\x00\x00", 2, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(items); i++) {
		const unsigned char *p = (const unsigned char *)items[i].bytes;

		assert_int_equal(cbor_item(p, items[i].n), items[i].size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cbor),
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_flags_and_place),
		cmocka_unit_test(test_any_bit_changed),
		cmocka_unit_test(test_somebody_elses_key),
		cmocka_unit_test(test_malformed_credentials),
		cmocka_unit_test(test_a_point_off_the_curve),
		cmocka_unit_test(test_extensions),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
