/* SPDX-License-Identifier: ISC */
/* Files of backups: read as they were written, of the version before, too; and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backup_part.h"
#include "token.h"

#include "scratch.h"

#define MIB ((size_t)1024 * 1024)

static char dir[] = "test_backup_file.XXXXXX";
static struct arena *a;
static struct seal_key kek;
static unsigned char data[MIB];
static struct backup_head head;

static int
begin(void **state)
{
	(void)state;
	scratch_make(dir);
	random_bytes(data, sizeof(data));
	seal_key_random(&kek);
	kek.id = 1;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static int
each(void **state)
{
	(void)state;
	a = arena_new(64 * MIB);
	head = (struct backup_head){.kind = "archive",
		.id = 7,
		.slug = "harbour",
		.name = "Harbour",
		.region = "hk",
		.taken_at = 1,
		.max_key = 2,
		.nkeks = 1};
	head.keks[0].version = 1;
	head.keks[0].wrapped = (struct bytes){(const unsigned char *)"wrapped", 7};
	return 0;
}

static int
each_end(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static const char *
at(const char *name)
{
	return arena_printf(a, "%s/%s", dir, name);
}

static void
good(struct err *e)
{
	if (e != NULL)
		fail_msg("%s", e->detail != NULL ? e->detail : "an error");
}

static void
put_file(struct backup_writer *w, const char *name, size_t mib)
{
	good(backup_put(w, FRAME_FILE, name, strlen(name)));
	for (size_t i = 0; i < mib; i++)
		good(backup_put(w, FRAME_FILE_DATA, data, sizeof(data)));
	good(backup_put(w, FRAME_FILE_END, NULL, 0));
}

/* A dump, three files of a piece each, and one of the last piece. */
static struct backup_writer *
begun(const char *part)
{
	struct backup_writer *w;

	good(backup_create(a, part, &head, &kek, &w));
	good(backup_put(w, FRAME_COUNTS, "contact 3\n", 10));
	good(backup_put(w, FRAME_DUMP, data, 1000));
	good(backup_put(w, FRAME_DUMP_END, data, DIGEST_BYTES));
	put_file(w, "aa", 16);
	put_file(w, "bb", 16);
	put_file(w, "cc", 16);
	put_file(w, "dd", 1);
	return w;
}

static const char *
made(const char *name)
{
	struct backup_writer *w = begun(at("part"));

	good(backup_commit(w, at(name), true));
	assert_int_not_equal(access(at("part"), F_OK), 0);
	return at(name);
}

/* The types of its frames; NULL: it is refused. */
static const char *
frames(const char *path)
{
	struct backup_reader *r;
	const unsigned char *p;
	char *said = arena_alloc(a, 256);
	struct backup_head h;
	enum frame_type type = FRAME_COUNTS;
	size_t n, i = 0;

	if (backup_head_read(a, path, &h) != NULL || backup_open(a, path, &h, &kek, &r) != NULL)
		return NULL;
	while (type != FRAME_END) {
		if (backup_get(r, &type, &p, &n) != NULL)
			return NULL;
		assert_true(i < 255);
		said[i++] = (char)type;
	}
	said[i] = '\0';
	return said;
}

#define WHOLE "CDdFffffffffffffffffgFffffffffffffffffgFffffffffffffffffgFfgE"

static unsigned char *
contents(const char *path, size_t *n_r)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	unsigned char *p;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	*n_r = (size_t)st.st_size;
	p = malloc(*n_r + 1);
	assert_non_null(p);
	assert_int_equal(fread(p, 1, *n_r, f), *n_r);
	fclose(f);
	return p;
}

static void
write_file(const char *path, const void *p, size_t n, const void *q, size_t m)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fwrite(q, 1, m, f), m);
	assert_int_equal(fclose(f), 0);
}

static void
what_was_written_is_read(void **state)
{
	(void)state;
	assert_string_equal(frames(made("whole")), WHOLE);
}

/* One sealed stream behind the lines. */
static void
the_version_before_is_read(void **state)
{
	static const unsigned char frames_1[] = {'C', 0, 0, 0, 2, 'x', '\n', 'E', 0, 0, 0, 0};
	struct object_writer *w;
	struct seal_key key;
	char name[OBJECT_NAME];
	unsigned char sha[DIGEST_BYTES], *stream;
	const char *text, *path;
	int64_t size;
	size_t n;

	(void)state;
	good(object_create(a, dir, &w));
	good(object_write(w, frames_1, sizeof(frames_1)));
	good(object_commit(w, name, &key, &size, sha));
	head.key = key_wrap(a, &kek, BACKUP_KEY_PURPOSE, &key);
	text = backup_head_text(a, &head);
	((char *)strchr(text, '2'))[0] = '1';
	stream = contents(arena_printf(a, "%s/%.2s/%.2s/%s", dir, name, name + 2, name), &n);
	path = at("before");
	write_file(path, text, strlen(text), stream, n);
	assert_string_equal(frames(path), "CE");
	write_file(path, text, strlen(text), stream, n - 1);
	assert_null(frames(path));
	free(stream);
}

static void
another_version_is_refused(void **state)
{
	size_t n;
	const char *path = made("later");
	unsigned char *p = contents(path, &n);

	(void)state;
	p[13] = '3';
	write_file(path, p, n, "", 0);
	assert_null(frames(path));
	free(p);
}

/* Where pieces begin. */
static size_t
pieces(const unsigned char *p, size_t n, size_t at_r[8])
{
	size_t count = 0;

	for (size_t i = 0; i + 8 <= n; i++)
		if (memcmp(p + i, PIECE_MARK, 8) == 0)
			at_r[count++] = i;
	return count;
}

static void
pieces_stand_where_they_stood(void **state)
{
	size_t n, to[8];
	const char *path = made("pieces");
	unsigned char *p = contents(path, &n);

	(void)state;
	assert_int_equal(pieces(p, n, to), 5);
	/* Without the second one, twice the second one, without the last one, more behind it. */
	write_file(path, p, to[1], p + to[2], n - to[2]);
	assert_null(frames(path));
	write_file(path, p, to[2], p + to[1], n - to[1]);
	assert_null(frames(path));
	write_file(path, p, to[4], "", 0);
	assert_null(frames(path));
	write_file(path, p, n, p + to[4], n - to[4]);
	assert_null(frames(path));
	write_file(path, p, n, "x", 1);
	assert_null(frames(path));
	write_file(path, p, n - 1, "", 0);
	assert_null(frames(path));
	write_file(path, p, to[0], "", 0);
	assert_null(frames(path));
	write_file(path, p, n, "", 0);
	assert_string_equal(frames(path), WHOLE);
	free(p);
}

/* Cut off anywhere it goes on behind the last whole piece. */
static void
it_goes_on_where_it_was_cut(void **state)
{
	static const struct {
		size_t piece; /* which was cut */
		const char *last;
		int64_t files;
	} cuts[] = {{1, "", 0}, {2, "aa", 1}, {4, "cc", 3}};
	size_t n, to[8];
	const char *path = made("cut"), *part = at("cut.part");
	unsigned char *p = contents(path, &n);
	struct backup_head h;

	(void)state;
	assert_int_equal(pieces(p, n, to), 5);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		struct backup_so_far far;
		struct backup_writer *w;

		write_file(part, p, to[cuts[i].piece] + PIECE_HEAD + 70000, "", 0);
		good(backup_head_read(a, part, &h));
		assert_true(backup_go_on(a, part, &h, &kek, &far, &w));
		assert_string_equal(far.last, cuts[i].last);
		assert_int_equal(far.files, cuts[i].files);
		assert_string_equal(far.counts, "contact 3\n");
		assert_false(far.ended);
		put_file(w, "zz", 1);
		good(backup_commit(w, at("went_on"), true));
		assert_memory_equal(frames(at("went_on")), WHOLE, 3);
	}
	free(p);
}

static void
only_its_name_is_lacking(void **state)
{
	struct backup_so_far far;
	struct backup_writer *w;
	struct backup_head h;
	const char *path = made("named"), *part = at("named.part");

	(void)state;
	assert_int_equal(rename(path, part), 0);
	good(backup_head_read(a, part, &h));
	assert_true(backup_go_on(a, part, &h, &kek, &far, &w));
	assert_true(far.ended);
	good(backup_commit(w, path, false));
	assert_string_equal(frames(path), WHOLE);
}

static void
nothing_to_go_on_with(void **state)
{
	struct backup_so_far far;
	struct backup_writer *w;
	struct backup_head h;
	const char *path = made("no"), *part = at("no.part");
	size_t n, to[8];
	unsigned char *p = contents(path, &n);
	struct seal_key mine = kek;

	(void)state;
	assert_int_equal(pieces(p, n, to), 5);
	write_file(part, p, to[1] - 1, "", 0);
	good(backup_head_read(a, part, &h));
	assert_false(backup_go_on(a, part, &h, &kek, &far, &w));
	write_file(part, p, to[3] + 100, "", 0);
	p[to[1] + 5000] ^= 1;
	seal_key_random(&mine);
	assert_false(backup_go_on(a, part, &h, &mine, &far, &w));
	write_file(part, p, to[3] + 100, "", 0);
	assert_false(backup_go_on(a, part, &h, &kek, &far, &w));
	/* It is not in the way of the next one. */
	w = begun(part);
	good(backup_commit(w, path, true));
	assert_string_equal(frames(path), WHOLE);
	free(p);
}

static void
what_fails_leaves_nothing(void **state)
{
	struct backup_writer *w;
	struct arena *own = a;
	const char *part;

	(void)state;
	a = arena_new(8 * MIB);
	part = arena_printf(own, "%s/failed.part", dir);
	good(backup_create(a, part, &head, &kek, &w));
	good(backup_put(w, FRAME_COUNTS, "x", 1));
	assert_int_equal(access(part, F_OK), 0);
	arena_free(&a);
	a = own;
	assert_int_not_equal(access(part, F_OK), 0);
}

static void
nothing_is_overwritten(void **state)
{
	const char *path = made("there");
	struct backup_writer *w = begun(at("other.part"));
	struct err *e = backup_commit(w, path, false);

	(void)state;
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_CONFLICT);
	assert_string_equal(frames(path), WHOLE);
}

static void
one_writes_at_a_time(void **state)
{
	struct backup_writer *one = begun(at("busy.part")), *two;
	struct err *e = backup_create(a, at("busy.part"), &head, &kek, &two);

	(void)state;
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_BUSY);
	good(backup_commit(one, at("busy"), true));
	assert_string_equal(frames(at("busy")), WHOLE);
}

#define each_test(f) cmocka_unit_test_setup_teardown(f, each, each_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		each_test(what_was_written_is_read),
		each_test(the_version_before_is_read),
		each_test(another_version_is_refused),
		each_test(pieces_stand_where_they_stood),
		each_test(it_goes_on_where_it_was_cut),
		each_test(only_its_name_is_lacking),
		each_test(nothing_to_go_on_with),
		each_test(what_fails_leaves_nothing),
		each_test(nothing_is_overwritten),
		each_test(one_writes_at_a_time),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
