/* SPDX-License-Identifier: ISC */
/* What was changed, cut, added to, swapped or is not ours comes to nobody. */
#include "object_fixture.h"

static void
flip(const char *name, off_t at)
{
	int fd = open(path_of(name), O_RDWR);
	unsigned char c;

	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 0x10;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void
every_changed_byte_of_a_small_object_is_refused(void **state)
{
	static const size_t sizes[] = {0, 1, 50};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct made m = make(sizes[i], 50, false);

		for (off_t at = 0; at < (off_t)(32 + sizes[i]); at++) {
			flip(m.name, at);
			assert_int_equal(slurp(m.name, &m.key, 64), -1);
			flip(m.name, at);
		}
		assert_int_equal(slurp(m.name, &m.key, 64), sizes[i]);
	}
}

static void
a_change_anywhere_in_a_large_object_is_refused(void **state)
{
	static const off_t places[] = {0, 7, 8, 9, 15, 16, 17, 16 + KIB64, 16 + FULL - 1, 16 + FULL,
		16 + FULL + 100, 16 + 2 * FULL - 1, 16 + 2 * FULL, 16 + 2 * FULL + 99,
		16 + 2 * FULL + 115};
	struct made m = make(2 * KIB64 + 100, MAX_PLAIN, false);

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		flip(m.name, places[i]);
		assert_int_equal(slurp(m.name, &m.key, 5000), -1);
		flip(m.name, places[i]);
	}
	assert_int_equal(slurp(m.name, &m.key, 5000), 2 * KIB64 + 100);
}

static void
resize(const char *name, off_t n)
{
	assert_int_equal(truncate(path_of(name), n), 0);
}

static void
a_cut_object_is_refused_before_a_byte_is_out(void **state)
{
	static const off_t cuts[] = {0, 1, 15, 16, 17, 31, 32, 100, 16 + FULL - 1, 16 + FULL,
		16 + FULL + 1, 16 + FULL + 16, 16 + FULL + 17, 16 + 2 * FULL - 1, 16 + 2 * FULL,
		16 + 2 * FULL + 16, 16 + 2 * FULL + 115};
	struct object_reader *r;

	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		struct made m = make(2 * KIB64 + 100, MAX_PLAIN, false);

		resize(m.name, cuts[i]);
		assert_non_null(object_open(a, dir, m.name, &m.key, &r));
	}
}

static void
an_object_with_something_added_is_refused_before_a_byte_is_out(void **state)
{
	static const size_t sizes[] = {0, 10, KIB64, KIB64 + 1, 2 * KIB64};
	static const off_t more[] = {1, 15, 16, 17, KIB64, FULL, FULL + 1};
	struct object_reader *r;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (size_t j = 0; j < COUNT(more); j++) {
			struct made m = make(sizes[i], MAX_PLAIN, false);
			struct stat st;

			assert_int_equal(stat(path_of(m.name), &st), 0);
			resize(m.name, st.st_size + more[j]);
			assert_non_null(object_open(a, dir, m.name, &m.key, &r));
		}
	}
}

static void
copy_chunk(const char *from, int i, const char *to, int j)
{
	static unsigned char chunk[FULL];
	int in = open(path_of(from), O_RDONLY);
	int out = open(path_of(to), O_WRONLY);

	assert_int_equal(pread(in, chunk, FULL, 16 + (off_t)i * FULL), FULL);
	assert_int_equal(pwrite(out, chunk, FULL, 16 + (off_t)j * FULL), FULL);
	close(in);
	close(out);
}

static void
twin(const char *from, const char *to)
{
	static unsigned char file[16 + 4 * FULL];
	int in = open(path_of(from), O_RDONLY);
	int out;

	mkdir(arena_printf(a, "%s/%.2s", dir, to), 0700);
	mkdir(arena_printf(a, "%s/%.2s/%.2s", dir, to, to + 2), 0700);
	out = open(path_of(to), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(read(in, file, sizeof(file)), sizeof(file));
	assert_int_equal(write(out, file, sizeof(file)), sizeof(file));
	close(in);
	close(out);
}

static void
swapped_and_repeated_chunks_are_refused(void **state)
{
	struct made m = make(4 * KIB64, MAX_PLAIN, false);

	(void)state;
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < 4; j++) {
			struct made to = m;

			if (i == j)
				continue;
			/* A twin under another name, so that m stays whole. */
			memset(to.name, '0' + i, 32);
			twin(m.name, to.name);
			copy_chunk(m.name, i, to.name, j);
			assert_int_equal(slurp(to.name, &m.key, MAX_PLAIN), -1);
			assert_null(object_destroy(a, dir, to.name));
		}
	}
	assert_int_equal(slurp(m.name, &m.key, MAX_PLAIN), 4 * KIB64);
}

static void
a_chunk_of_another_object_is_refused(void **state)
{
	struct made one = make(2 * KIB64, MAX_PLAIN, false);
	struct made two = make(2 * KIB64, MAX_PLAIN, false);

	(void)state;
	copy_chunk(two.name, 0, one.name, 0);
	assert_int_equal(slurp(one.name, &one.key, MAX_PLAIN), -1);
}

static void
nothing_comes_out_after_a_damaged_chunk(void **state)
{
	struct made m = make(4 * KIB64, MAX_PLAIN, false);
	struct object_reader *r;
	size_t got = 99;

	(void)state;
	flip(m.name, 16 + FULL + 5);
	assert_null(object_open(a, dir, m.name, &m.key, &r));
	assert_null(object_read(r, back, MAX_PLAIN, &got));
	assert_int_equal(got, KIB64);
	got = 99;
	for (int i = 0; i < 3; i++) {
		struct err *e = object_read(r, back, MAX_PLAIN, &got);

		assert_non_null(e);
		assert_int_equal(e->kind, ERR_INTERNAL);
		assert_int_equal(got, 99);
	}
}

static void
another_key_is_refused_before_a_byte_is_out(void **state)
{
	struct made m = make(3 * KIB64, MAX_PLAIN, false);
	struct object_reader *r;

	(void)state;
	for (size_t i = 0; i < KEY_BYTES; i++) {
		m.key.key[i] ^= 1;
		assert_non_null(object_open(a, dir, m.name, &m.key, &r));
		m.key.key[i] ^= 1;
	}
	m.key.id = 12345; /* what the caller calls it does not matter here */
	assert_null(object_open(a, dir, m.name, &m.key, &r));
}

static void
a_name_that_is_not_ours_is_refused(void **state)
{
	static const char *const bad[] = {"", "../../../../../../../../etc/passwd",
		"0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
		"0123456789ABCDEF0123456789ABCDEF", "../../56789abcdef0123456789abcde",
		"0123456789abcdef0123456789abcde/", "0123456789abcdef 123456789abcdef"};
	struct seal_key key;
	struct object_reader *r;

	(void)state;
	seal_key_random(&key);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_non_null(object_open(a, dir, bad[i], &key, &r));
		assert_non_null(object_destroy(a, dir, bad[i]));
	}
}

static void
a_missing_object_is_an_internal_error(void **state)
{
	struct seal_key key;
	struct object_reader *r;
	struct err *e;

	(void)state;
	seal_key_random(&key);
	e = object_open(a, dir, "0123456789abcdef0123456789abcdef", &key, &r);
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_INTERNAL);
}

static void
what_is_no_plain_file_is_refused(void **state)
{
	struct made m = make(10, 10, false);
	struct object_reader *r;
	const char *path = path_of(m.name);

	(void)state;
	assert_int_equal(rename(path, arena_printf(a, "%s/moved", dir)), 0);
	assert_int_equal(symlink(arena_printf(a, "../../moved"), path), 0);
	assert_non_null(object_open(a, dir, m.name, &m.key, &r));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_non_null(object_open(a, dir, m.name, &m.key, &r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		object_test(every_changed_byte_of_a_small_object_is_refused),
		object_test(a_change_anywhere_in_a_large_object_is_refused),
		object_test(a_cut_object_is_refused_before_a_byte_is_out),
		object_test(an_object_with_something_added_is_refused_before_a_byte_is_out),
		object_test(swapped_and_repeated_chunks_are_refused),
		object_test(a_chunk_of_another_object_is_refused),
		object_test(nothing_comes_out_after_a_damaged_chunk),
		object_test(another_key_is_refused_before_a_byte_is_out),
		object_test(a_name_that_is_not_ours_is_refused),
		object_test(a_missing_object_is_an_internal_error),
		object_test(what_is_no_plain_file_is_refused),
	};

	return cmocka_run_group_tests_name("object_damage", tests, setup, teardown);
}
