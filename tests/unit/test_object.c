/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "object.h"
#include "object_format.h"
#include "token.h"

#include "scratch.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
/* "hello" under the key 00 01 .. 1f. */
#define GOLDEN "50524159414f424a01a0a1a2a3a4a5a61f042572d7b82e7c9ead191e47c321bf9395b010c9"
#define KIB64 65536
#define FULL (KIB64 + 16)
#define MAX_PLAIN (4 * KIB64)

struct made {
	char name[OBJECT_NAME];
	struct seal_key key;
	int64_t size;
	unsigned char sha[32];
};

static char dir[] = "test_object.XXXXXX";
static struct arena *a;
static unsigned char plain[MAX_PLAIN];
static unsigned char back[MAX_PLAIN + 1];

static int
setup(void **state)
{
	(void)state;
	scratch_make(dir);
	random_bytes(plain, sizeof(plain));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	a = arena_new(64 << 20);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* Writes the first n bytes of plain in pieces of at most `step`. */
static struct made
make(size_t n, size_t step, bool named)
{
	struct arena_mark mark = arena_mark(a);
	struct object_writer *w;
	struct made m = {.size = -1};

	assert_null(object_create_how(a, dir, named, &w));
	for (size_t at = 0; at < n; at += step)
		assert_null(object_write(w, plain + at, n - at < step ? n - at : step));
	assert_null(object_commit(w, m.name, &m.key, &m.size, m.sha));
	arena_release(a, mark);
	return m;
}

static const char *
path_of(const char *name)
{
	return arena_printf(a, "%s/%.2s/%.2s/%s", dir, name, name + 2, name);
}

/* Reads everything in pieces of `step`; the count, or -1 on an error, in
 * opening or in reading. Whatever came out is checked to be authentic. */
static int64_t
slurp(const char *name, const struct seal_key *key, size_t step)
{
	struct arena_mark mark = arena_mark(a);
	struct object_reader *r;
	size_t n = 0;
	size_t got;
	struct err *e = object_open(a, dir, name, key, &r);

	while (e == NULL) {
		e = object_read(
			r, back + n, step < sizeof(back) - n ? step : sizeof(back) - n, &got);
		if (e == NULL && got == 0)
			break;
		if (e == NULL) {
			assert_memory_equal(back + n, plain + n, got);
			n += got;
		}
	}
	if (e != NULL) {
		assert_int_equal(e->kind, ERR_INTERNAL);
		assert_non_null(strstr(e->detail, "file store: "));
	}
	arena_release(a, mark);
	return e == NULL ? (int64_t)n : -1;
}

static int files;

static int
count_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	if (type != FTW_D)
		files++;
	return 0;
}

static int
files_in_store(void)
{
	files = 0;
	nftw(dir, count_file, 16, FTW_PHYS);
	return files;
}

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

#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_written_reads_back),
		T(single_bytes_go_in_and_come_out),
		T(files_and_folders_are_private),
		T(the_store_itself_is_made),
		T(nothing_in_the_file_is_plain),
		T(the_same_content_never_looks_the_same),
		T(every_changed_byte_of_a_small_object_is_refused),
		T(a_change_anywhere_in_a_large_object_is_refused),
		T(a_cut_object_is_refused_before_a_byte_is_out),
		T(an_object_with_something_added_is_refused_before_a_byte_is_out),
		T(swapped_and_repeated_chunks_are_refused),
		T(a_chunk_of_another_object_is_refused),
		T(nothing_comes_out_after_a_damaged_chunk),
		T(another_key_is_refused_before_a_byte_is_out),
		T(a_name_that_is_not_ours_is_refused),
		T(a_missing_object_is_an_internal_error),
		T(what_is_no_plain_file_is_refused),
		T(destroying_is_for_good_and_may_be_repeated),
		T(a_reader_goes_on_while_its_object_is_destroyed),
		T(an_uncommitted_object_leaves_nothing),
		T(a_writer_ends_once),
		T(memory_does_not_grow_with_the_object),
		T(the_layout_does_not_change),
	};

	return cmocka_run_group_tests_name("object", tests, setup, teardown);
}
