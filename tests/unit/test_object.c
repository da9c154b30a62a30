/* SPDX-License-Identifier: ISC */
#include "object_fixture.h"

/* "hello" under the key 00 01 .. 1f. */
#define GOLDEN "50524159414f424a01a0a1a2a3a4a5a61f042572d7b82e7c9ead191e47c321bf9395b010c9"

static void
what_was_written_reads_back(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 4096, KIB64 - 1, KIB64, KIB64 + 1,
		2 * KIB64 - 1, 2 * KIB64, 2 * KIB64 + 1, 3 * KIB64 + 12345};
	static const size_t steps[] = {1000, 4096, KIB64 - 1, KIB64, KIB64 + 1, MAX_PLAIN};
	unsigned char sha[32];

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t n = sizes[i];

		sha256(plain, n, sha);
		for (size_t j = 0; j < COUNT(steps); j++) {
			struct made m = make(n, steps[j], j % 2 == 1);
			size_t chunks = n == 0 ? 1 : (n + KIB64 - 1) / KIB64;
			struct stat st;

			assert_int_equal(m.size, n);
			assert_int_equal(m.key.id, 0);
			assert_memory_equal(m.sha, sha, 32);
			assert_int_equal(stat(path_of(m.name), &st), 0);
			assert_int_equal(st.st_size, 16 + n + 16 * chunks);
			assert_int_equal(slurp(m.name, &m.key, steps[COUNT(steps) - 1 - j]), n);
		}
	}
}

static void
single_bytes_go_in_and_come_out(void **state)
{
	struct made m = make(KIB64 + 3, 1, false);

	(void)state;
	assert_int_equal(slurp(m.name, &m.key, 1), KIB64 + 3);
}

static void
files_and_folders_are_private(void **state)
{
	struct made m = make(10, 10, false);
	struct made named = make(10, 10, true);
	struct stat st;

	(void)state;
	assert_int_equal(strlen(m.name), 32);
	assert_int_equal(strspn(m.name, "0123456789abcdef"), 32);
	assert_int_equal(stat(path_of(m.name), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(stat(path_of(named.name), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(stat(arena_printf(a, "%s/%.2s", dir, m.name), &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(stat(arena_printf(a, "%s/%.2s/%.2s", dir, m.name, m.name + 2), &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
}

static void
the_store_itself_is_made(void **state)
{
	struct object_writer *w;
	struct made m;
	struct stat st;
	const char *deep = arena_printf(a, "%s/new/store", dir);

	(void)state;
	assert_null(object_create(a, deep, &w));
	assert_null(object_commit(w, m.name, &m.key, &m.size, m.sha));
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_null(object_destroy(a, deep, m.name));
}

static void
nothing_in_the_file_is_plain(void **state)
{
	struct made m;
	unsigned char file[KIB64];
	int fd;

	(void)state;
	memset(plain, 'A', 1000);
	m = make(1000, 1000, false);
	random_bytes(plain, sizeof(plain));
	fd = open(path_of(m.name), O_RDONLY);
	assert_int_equal(read(fd, file, sizeof(file)), 16 + 1000 + 16);
	close(fd);
	assert_memory_equal(file, "PRAYAOBJ\1", 9);
	assert_null(memmem(file, 1032, "AAAA", 4));
}

static void
the_same_content_never_looks_the_same(void **state)
{
	struct made one = make(100, 100, false);
	struct made two = make(100, 100, false);

	(void)state;
	assert_string_not_equal(one.name, two.name);
	assert_memory_not_equal(one.key.key, two.key.key, KEY_BYTES);
	assert_int_equal(slurp(one.name, &two.key, 100), -1);
}

static void
destroying_is_for_good_and_may_be_repeated(void **state)
{
	struct made m = make(10, 10, false);
	struct made other = make(10, 10, false);
	int before = files_in_store();

	(void)state;
	assert_null(object_destroy(a, dir, m.name));
	assert_int_equal(files_in_store(), before - 1);
	assert_int_equal(slurp(m.name, &m.key, 10), -1);
	assert_null(object_destroy(a, dir, m.name));
	assert_null(object_destroy(a, "test_object.none", m.name));
	assert_int_equal(slurp(other.name, &other.key, 10), 10);
}

static void
a_reader_goes_on_while_its_object_is_destroyed(void **state)
{
	struct made m = make(3 * KIB64, MAX_PLAIN, false);
	struct object_reader *r;
	size_t n = 0;
	size_t got;

	(void)state;
	assert_null(object_open(a, dir, m.name, &m.key, &r));
	assert_null(object_destroy(a, dir, m.name));
	do {
		assert_null(object_read(r, back + n, 1000, &got));
		n += got;
	} while (got > 0);
	assert_int_equal(n, 3 * KIB64);
	assert_memory_equal(back, plain, n);
}

static void
an_uncommitted_object_leaves_nothing(void **state)
{
	int before = files_in_store();

	(void)state;
	for (int named = 0; named < 2; named++) {
		struct arena_mark mark = arena_mark(a);
		struct object_writer *w;

		assert_null(object_create_how(a, dir, named, &w));
		assert_null(object_write(w, plain, MAX_PLAIN));
		assert_int_equal(files_in_store(), before + named);
		arena_release(a, mark);
		assert_int_equal(files_in_store(), before);
	}
}

static void
a_writer_ends_once(void **state)
{
	struct object_writer *w;
	struct made m;
	struct made again = {.size = 5};

	(void)state;
	assert_null(object_create(a, dir, &w));
	assert_null(object_commit(w, m.name, &m.key, &m.size, m.sha));
	assert_non_null(object_write(w, "x", 1));
	assert_non_null(object_commit(w, again.name, &again.key, &again.size, again.sha));
	assert_int_equal(again.size, 5);
	assert_int_equal(slurp(m.name, &m.key, 10), 0);
}

static void
memory_does_not_grow_with_the_object(void **state)
{
	struct object_writer *w;
	struct object_reader *r;
	struct made m;
	size_t used;
	size_t got;

	(void)state;
	assert_null(object_create(a, dir, &w));
	used = arena_used(a);
	assert_true(used < 80 * 1024);
	for (int i = 0; i < 64; i++)
		assert_null(object_write(w, plain, MAX_PLAIN));
	assert_int_equal(arena_used(a), used);
	assert_null(object_commit(w, m.name, &m.key, &m.size, m.sha));
	assert_int_equal(m.size, 64 * MAX_PLAIN);
	assert_null(object_open(a, dir, m.name, &m.key, &r));
	used = arena_used(a);
	do
		assert_null(object_read(r, back, sizeof(back), &got));
	while (got > 0);
	assert_int_equal(arena_used(a), used);
	assert_null(object_destroy(a, dir, m.name));
}

/* Objects written by an earlier release must open for ever. */
static void
the_layout_does_not_change(void **state)
{
	struct seal_key key = {.id = 0};
	struct object_reader *r;
	const char *name = "00112233445566778899aabbccddeeff";
	struct bytes file;
	size_t got;
	int fd;

	(void)state;
	for (int i = 0; i < KEY_BYTES; i++)
		key.key[i] = (unsigned char)i;
	assert_true(hex_decode(a, GOLDEN, &file));
	mkdir(arena_printf(a, "%s/00", dir), 0700);
	mkdir(arena_printf(a, "%s/00/11", dir), 0700);
	fd = open(path_of(name), O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, file.p, file.n), file.n);
	close(fd);
	assert_null(object_open(a, dir, name, &key, &r));
	assert_null(object_read(r, back, sizeof(back), &got));
	assert_int_equal(got, 5);
	assert_memory_equal(back, "hello", 5);
	assert_null(object_read(r, back, sizeof(back), &got));
	assert_int_equal(got, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		object_test(what_was_written_reads_back),
		object_test(single_bytes_go_in_and_come_out),
		object_test(files_and_folders_are_private),
		object_test(the_store_itself_is_made),
		object_test(nothing_in_the_file_is_plain),
		object_test(the_same_content_never_looks_the_same),
		object_test(destroying_is_for_good_and_may_be_repeated),
		object_test(a_reader_goes_on_while_its_object_is_destroyed),
		object_test(an_uncommitted_object_leaves_nothing),
		object_test(a_writer_ends_once),
		object_test(memory_does_not_grow_with_the_object),
		object_test(the_layout_does_not_change),
	};

	return cmocka_run_group_tests_name("object", tests, setup, teardown);
}
