/* SPDX-License-Identifier: ISC */
/*
 * For tests of the file store: a store in a temporary folder, and what goes in
 * and comes out of it.
 */
#ifndef PRAYA_OBJECT_FIXTURE_H
#define PRAYA_OBJECT_FIXTURE_H

#include <fcntl.h>
#include <sys/stat.h>

#include "unit.h"

#include "object.h"
#include "object_format.h"
#include "token.h"

#include "scratch.h"

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

static inline int
setup(void **state)
{
	(void)state;
	scratch_make(dir);
	random_bytes(plain, sizeof(plain));
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static inline int
begin(void **state)
{
	(void)state;
	a = arena_new(64 << 20);
	return 0;
}

static inline int
end(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* Writes the first n bytes of plain in pieces of at most `step`. */
static inline struct made
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

static inline const char *
path_of(const char *name)
{
	return arena_printf(a, "%s/%.2s/%.2s/%s", dir, name, name + 2, name);
}

/* Reads everything in pieces of `step`; the count, or -1 on an error, in
 * opening or in reading. Whatever came out is checked to be authentic. */
static inline int64_t
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

static inline int
count_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	if (type != FTW_D)
		files++;
	return 0;
}

static inline int
files_in_store(void)
{
	files = 0;
	nftw(dir, count_file, 16, FTW_PHYS);
	return files;
}

#define object_test(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

#endif
