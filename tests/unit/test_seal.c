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
#include "seal.h"
#include "token.h"

#define PLACE "contact.hkid|1042"
/* "A123456(3)" at that place under the key 00 01 .. 1f with id 258. */
#define GOLDEN \
	"0100000000000001023580a4990de37181df447ed33e130ac067bed06d272d16d601e9643ad8551f7eb013d6" \
	"f92716"

static struct arena *a;
static struct seal_key key;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(64 << 20);
	seal_key_random(&key);
	key.id = 77;
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
seal_text(const char *text)
{
	return seal_value(a, &key, PLACE, text, strlen(text));
}

static void
assert_closed(const struct seal_key *k, const char *aad, struct bytes sealed)
{
	const struct bytes before = {(const unsigned char *)"x", 1};
	struct bytes plain = before;

	assert_false(unseal_value(a, k, aad, sealed, &plain));
	assert_ptr_equal(plain.p, before.p);
	assert_int_equal(plain.n, before.n);
}

static void
what_was_sealed_opens(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 1 << 20};
	unsigned char *in = arena_alloc(a, 1 << 20);
	struct bytes sealed;
	struct bytes plain;

	(void)state;
	random_bytes(in, 1 << 20);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sealed = seal_value(a, &key, PLACE, in, sizes[i]);
		assert_int_equal(sealed.n, 37 + sizes[i]);
		assert_int_equal(seal_key_id(sealed), 77);
		assert_true(unseal_value(a, &key, PLACE, sealed, &plain));
		assert_int_equal(plain.n, sizes[i]);
		assert_memory_equal(plain.p, in, sizes[i]);
		assert_int_equal(plain.p[plain.n], 0);
	}
	sealed = seal_value(a, &key, PLACE, NULL, 0);
	assert_true(unseal_value(a, &key, PLACE, sealed, &plain));
	assert_non_null(plain.p);
	assert_int_equal(plain.n, 0);
}

static void
the_same_value_never_looks_the_same(void **state)
{
	struct bytes one = seal_text("A123456(3)");
	struct bytes two = seal_text("A123456(3)");

	(void)state;
	assert_memory_not_equal(one.p + 9, two.p + 9, 12);
	assert_memory_not_equal(one.p + 21, two.p + 21, 10);
}

static void
every_single_bit_flip_is_refused(void **state)
{
	struct bytes sealed = seal_text("A123456(3)");
	unsigned char *copy = arena_memdup(a, sealed.p, sealed.n);

	(void)state;
	for (size_t i = 0; i < sealed.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			copy[i] ^= (unsigned char)(1 << bit);
			assert_closed(&key, PLACE, (struct bytes){copy, sealed.n});
			copy[i] = sealed.p[i];
		}
		for (int other = 0; other < 256; other++) {
			if (other == sealed.p[i])
				continue;
			copy[i] = (unsigned char)other;
			assert_closed(&key, PLACE, (struct bytes){copy, sealed.n});
		}
		copy[i] = sealed.p[i];
	}
}

static void
a_changed_key_id_is_refused_even_when_the_key_follows(void **state)
{
	struct bytes sealed = seal_text("A123456(3)");
	unsigned char *copy = arena_memdup(a, sealed.p, sealed.n);
	struct seal_key renamed = key;

	(void)state;
	copy[8] = 78;
	renamed.id = 78;
	assert_int_equal(seal_key_id((struct bytes){copy, sealed.n}), 78);
	assert_closed(&renamed, PLACE, (struct bytes){copy, sealed.n});
}

static void
cut_and_lengthened_values_are_refused(void **state)
{
	struct bytes sealed = seal_text("A123456(3)");
	unsigned char *longer = arena_alloc(a, sealed.n + 1);

	(void)state;
	for (size_t n = 0; n < sealed.n; n++)
		assert_closed(&key, PLACE, (struct bytes){sealed.p, n});
	memcpy(longer, sealed.p, sealed.n);
	assert_closed(&key, PLACE, (struct bytes){longer, sealed.n + 1});
	assert_closed(&key, PLACE, (struct bytes){NULL, 0});
}

static void
another_place_or_key_does_not_open(void **state)
{
	static const char *const places[] = {
		"", "contact.hkid|1043", "contact.tax_id|1042", "contact.hkid|104", PLACE "0"};
	struct bytes sealed = seal_text("A123456(3)");
	struct seal_key other = key;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_closed(&key, places[i], sealed);
	other.key[31] ^= 1;
	assert_closed(&other, PLACE, sealed);
	seal_key_random(&other);
	other.id = key.id;
	assert_closed(&other, PLACE, sealed);
}

static void
what_is_no_sealed_value_names_no_key(void **state)
{
	unsigned char raw[40] = {1};

	(void)state;
	assert_int_equal(seal_key_id((struct bytes){raw, 37}), 0);
	assert_int_equal(seal_key_id((struct bytes){raw, 36}), -1);
	assert_int_equal(seal_key_id((struct bytes){NULL, 0}), -1);
	raw[0] = 2;
	assert_int_equal(seal_key_id((struct bytes){raw, 40}), -1);
	raw[0] = 1;
	raw[1] = 0x80;
	assert_int_equal(seal_key_id((struct bytes){raw, 40}), -1);
}

static void
a_key_without_a_good_id_opens_nothing(void **state)
{
	unsigned char raw[40] = {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct seal_key lost = key;

	(void)state;
	lost.id = -1;
	assert_closed(&lost, PLACE, (struct bytes){raw, sizeof(raw)});
}

static void
sealing_without_a_place_is_a_bug(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		close(STDERR_FILENO);
		seal_value(a, &key, "", "x", 1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
}

/* Values written by an earlier release must open for ever. */
static void
the_layout_does_not_change(void **state)
{
	struct seal_key k = {.id = 258};
	struct bytes sealed;
	struct bytes plain;

	(void)state;
	for (int i = 0; i < KEY_BYTES; i++)
		k.key[i] = (unsigned char)i;
	assert_true(hex_decode(a, GOLDEN, &sealed));
	assert_true(unseal_value(a, &k, PLACE, sealed, &plain));
	assert_string_equal((const char *)plain.p, "A123456(3)");
}

/* Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation". */
static void
gcm_gives_the_published_answer(void **state)
{
	struct bytes k, nonce, aad, plain, want;
	unsigned char out[76];
	struct gcm g;

	(void)state;
	assert_true(hex_decode(
		a, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", &k));
	assert_true(hex_decode(a, "cafebabefacedbaddecaf888", &nonce));
	assert_true(hex_decode(a, "feedfacedeadbeeffeedfacedeadbeefabaddad2", &aad));
	assert_true(hex_decode(a,
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		&plain));
	assert_true(hex_decode(a,
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
		"76fc6ece0f4e1768cddf8853bb2d551b",
		&want));
	g.ctx = gcm_lane_take(&evp_get()->seal, k.p);
	g.nonce = nonce.p;
	for (size_t cut = 0; cut <= aad.n; cut++) {
		g.aad[0] = (struct bytes){aad.p, cut};
		g.aad[1] = (struct bytes){aad.p + cut, aad.n - cut};
		gcm_seal(&g, plain.p, plain.n, out);
		assert_int_equal(want.n, sizeof(out));
		assert_memory_equal(out, want.p, want.n);
	}
}

static void
a_refused_value_leaves_no_plain_text(void **state)
{
	static const unsigned char nonce[GCM_NONCE];
	unsigned char buf[32 + GCM_TAG];
	struct gcm g = {.ctx = gcm_lane_take(&evp_get()->seal, key.key), .nonce = nonce};

	(void)state;
	memset(buf, 'p', 32);
	gcm_seal(&g, buf, 32, buf);
	buf[32] ^= 1;
	g.ctx = gcm_lane_take(&evp_get()->unseal, key.key);
	assert_false(gcm_open(&g, buf, sizeof(buf), buf));
	for (int i = 0; i < 32; i++)
		assert_int_equal(buf[i], 0);
}

static void
a_wrapped_key_comes_back_under_its_own_purpose_only(void **state)
{
	struct seal_key data;
	struct seal_key back = {.id = 5};
	struct seal_key other = key;
	struct bytes wrapped;

	(void)state;
	seal_key_random(&data);
	wrapped = key_wrap(a, &key, "contact", &data);
	assert_int_equal(seal_key_id(wrapped), 77);
	assert_false(key_unwrap(a, &key, "contac", wrapped, 9, &back));
	assert_false(key_unwrap(a, &key, "contact2", wrapped, 9, &back));
	other.key[0] ^= 0x80;
	assert_false(key_unwrap(a, &other, "contact", wrapped, 9, &back));
	assert_false(
		key_unwrap(a, &key, "contact", (struct bytes){wrapped.p, wrapped.n - 1}, 9, &back));
	assert_int_equal(back.id, 5);
	assert_true(key_unwrap(a, &key, "contact", wrapped, 9, &back));
	assert_int_equal(back.id, 9);
	assert_memory_equal(back.key, data.key, KEY_BYTES);
}

static void
a_value_of_another_size_is_no_key(void **state)
{
	struct seal_key back = {.id = 5};
	char bytes[33] = {0};

	(void)state;
	for (size_t n = 0; n <= 33; n++) {
		struct bytes sealed = seal_value(a, &key, "key|contact", bytes, n);

		assert_int_equal(key_unwrap(a, &key, "contact", sealed, 9, &back), n == KEY_BYTES);
	}
}

static void
unwrapping_takes_nothing_of_the_arena(void **state)
{
	struct seal_key data;
	struct bytes wrapped;
	size_t used;

	(void)state;
	seal_key_random(&data);
	wrapped = key_wrap(a, &key, "contact", &data);
	used = arena_used(a);
	assert_true(key_unwrap(a, &key, "contact", wrapped, 9, &data));
	assert_false(key_unwrap(a, &key, "other", wrapped, 9, &data));
	assert_int_equal(arena_used(a), used);
}

static void
derived_keys_are_independent(void **state)
{
	struct seal_key one, again, two, other, from = key;

	(void)state;
	key_derive(&key, "blind:v1", &one);
	key_derive(&key, "blind:v1", &again);
	key_derive(&key, "blind:v2", &two);
	assert_int_equal(one.id, key.id);
	assert_memory_equal(one.key, again.key, KEY_BYTES);
	assert_memory_not_equal(one.key, two.key, KEY_BYTES);
	assert_memory_not_equal(one.key, key.key, KEY_BYTES);
	from.key[3] ^= 1;
	key_derive(&from, "blind:v1", &other);
	assert_memory_not_equal(one.key, other.key, KEY_BYTES);
	from = key;
	key_derive(&from, "blind:v1", &from);
	assert_memory_equal(one.key, from.key, KEY_BYTES);
}

/* Contexts remember keys: no order of keys may make them remember wrongly. */
static void
many_keys_in_any_order_open_their_own_values(void **state)
{
	struct seal_key keys[5];
	struct bytes sealed[5];
	struct bytes plain;
	unsigned char order[2000];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		seal_key_random(&keys[i]);
		keys[i].id = 3; /* one id, so that only the key itself tells */
		sealed[i] = seal_value(a, &keys[i], PLACE, &(char){(char)('0' + i)}, 1);
	}
	random_bytes(order, sizeof(order));
	for (size_t i = 0; i < sizeof(order); i++) {
		size_t with = order[i] % 5;
		size_t what = order[i] / 5 % 5;

		if (order[i] > 250)
			seal_forget();
		if (order[i] > 200)
			sealed[with] =
				seal_value(a, &keys[with], PLACE, &(char){(char)('0' + with)}, 1);
		assert_int_equal(
			unseal_value(a, &keys[with], PLACE, sealed[what], &plain), with == what);
		if (with == what)
			assert_int_equal(plain.p[0], '0' + with);
	}
}

static void
sealing_works_on_after_forgetting(void **state)
{
	struct bytes sealed = seal_text("before");
	struct bytes plain;

	(void)state;
	seal_forget();
	assert_true(unseal_value(a, &key, PLACE, sealed, &plain));
	assert_string_equal((const char *)plain.p, "before");
	seal_forget();
	seal_forget();
	sealed = seal_text("after");
	assert_true(unseal_value(a, &key, PLACE, sealed, &plain));
	assert_string_equal((const char *)plain.p, "after");
}

static void
forgetting_leaves_no_key_in_the_contexts(void **state)
{
	const struct evp *lib = evp_get();
	struct bytes plain;

	(void)state;
	assert_true(unseal_value(a, &key, PLACE, seal_text("x"), &plain));
	assert_non_null(memmem(lib, sizeof(*lib), key.key, KEY_BYTES));
	seal_forget();
	assert_null(memmem(lib, sizeof(*lib), key.key, KEY_BYTES));
	assert_null(memmem(lib, sizeof(*lib), key.key, 8));
}

static void
a_child_never_repeats_its_parents_nonces(void **state)
{
	int fd[2];
	unsigned char theirs[12];
	struct bytes mine;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	seal_text("warm up");
	pid = fork();
	if (pid == 0) {
		struct bytes s = seal_text("x");

		_exit(write(fd[1], s.p + 9, 12) == 12 ? 0 : 1);
	}
	mine = seal_text("x");
	assert_int_equal(read(fd[0], theirs, 12), 12);
	assert_memory_not_equal(mine.p + 9, theirs, 12);
	close(fd[0]);
	close(fd[1]);
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_opens),
		cmocka_unit_test(the_same_value_never_looks_the_same),
		cmocka_unit_test(every_single_bit_flip_is_refused),
		cmocka_unit_test(a_changed_key_id_is_refused_even_when_the_key_follows),
		cmocka_unit_test(cut_and_lengthened_values_are_refused),
		cmocka_unit_test(another_place_or_key_does_not_open),
		cmocka_unit_test(what_is_no_sealed_value_names_no_key),
		cmocka_unit_test(a_key_without_a_good_id_opens_nothing),
		cmocka_unit_test(sealing_without_a_place_is_a_bug),
		cmocka_unit_test(the_layout_does_not_change),
		cmocka_unit_test(gcm_gives_the_published_answer),
		cmocka_unit_test(a_refused_value_leaves_no_plain_text),
		cmocka_unit_test(a_wrapped_key_comes_back_under_its_own_purpose_only),
		cmocka_unit_test(a_value_of_another_size_is_no_key),
		cmocka_unit_test(unwrapping_takes_nothing_of_the_arena),
		cmocka_unit_test(derived_keys_are_independent),
		cmocka_unit_test(many_keys_in_any_order_open_their_own_values),
		cmocka_unit_test(forgetting_leaves_no_key_in_the_contexts),
		cmocka_unit_test(sealing_works_on_after_forgetting),
		cmocka_unit_test(a_child_never_repeats_its_parents_nonces),
	};

	return cmocka_run_group_tests_name("seal", tests, setup, teardown);
}
