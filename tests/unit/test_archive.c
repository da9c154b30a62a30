/* SPDX-License-Identifier: ISC */
/* Archives on scratch: what is in them, and what must not become one. */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>
#include <zip.h>

#include "archive.h"

#include "unit.h"

#define MEMORY ((size_t)16 * 1024 * 1024)
#define FILE_BYTES 300000

static char top[] = "test_archive.XXXXXX";
static const char *scratch, *store;
static struct arena *life, *a;
static unsigned char file[FILE_BYTES];
static struct archive_object stored;
static unsigned char stored_sha[DIGEST_BYTES];

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* One file in the store, as an attachment is. */
static int
setup(void **state)
{
	static char name[OBJECT_NAME];
	struct object_writer *w;

	(void)state;
	life = arena_new(MEMORY);
	assert_non_null(mkdtemp(top));
	scratch = arena_printf(life, "%s/scratch", top);
	store = arena_printf(life, "%s/store", top);
	assert_int_equal(mkdir(scratch, 0700), 0);
	random_bytes(file, sizeof(file));
	assert_null(object_create(life, store, &w));
	assert_null(object_write(w, file, sizeof(file)));
	assert_null(object_commit(w, name, &stored.key, &stored.size, stored_sha));
	stored.store = store;
	stored.object = name;
	stored.sha256 = (struct bytes){stored_sha, DIGEST_BYTES};
	stored.content_type = "image/jpeg";
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&life);
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	a = arena_new(MEMORY);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static size_t
names_in(const char *folder)
{
	DIR *d = opendir(folder);
	size_t n = 0;

	assert_non_null(d);
	for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static struct scratch *
text(const char *s)
{
	struct scratch *f;

	assert_null(scratch_new(a, scratch, &f));
	assert_null(scratch_add(f, s, strlen(s)));
	return f;
}

static struct archive *
two_entries(const char *password, const struct archive_watch *watch)
{
	struct archive *ar;

	assert_null(archive_new(a, scratch, password, watch, &ar));
	archive_add_scratch(ar, "hello.txt", text("hello hello hello hello"));
	archive_add_object(ar, "attachments/1.jpg", &stored);
	return ar;
}

/* The archive as libzip reads it from memory. */
static zip_t *
open_zip(struct scratch *out)
{
	char *p = arena_alloc(a, (size_t)out->size);
	zip_error_t ze;
	zip_source_t *src;
	zip_t *z;
	size_t got;

	assert_null(scratch_read_at(out, 0, p, (size_t)out->size, &got));
	assert_int_equal(got, out->size);
	zip_error_init(&ze);
	src = zip_source_buffer_create(p, got, 0, &ze);
	z = zip_open_from_source(src, ZIP_RDONLY | ZIP_CHECKCONS, &ze);
	assert_non_null(z);
	return z;
}

static struct bytes
read_entry(zip_t *z, const char *name)
{
	zip_stat_t st;
	zip_file_t *f;
	unsigned char *p;

	assert_int_equal(zip_stat(z, name, 0, &st), 0);
	p = arena_alloc(a, st.size + 1);
	f = zip_fopen(z, name, 0);
	assert_non_null(f);
	assert_int_equal(zip_fread(f, p, st.size), st.size);
	assert_int_equal(zip_fclose(f), 0);
	return (struct bytes){p, st.size};
}

static void
check_manifest(zip_t *z)
{
	struct json_object *o = json_tokener_parse((const char *)read_entry(z, "manifest.json").p);
	struct json_object *list = json_object_object_get(o, "files"), *e;
	unsigned char sha[DIGEST_BYTES];

	assert_int_equal(json_object_array_length(list), zip_get_num_entries(z, 0) - 1);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct bytes b;

		e = json_object_array_get_idx(list, i);
		b = read_entry(z, json_object_get_string(json_object_object_get(e, "name")));
		assert_int_equal(json_object_get_int64(json_object_object_get(e, "size")), b.n);
		sha256(b.p, b.n, sha);
		assert_string_equal(json_object_get_string(json_object_object_get(e, "sha256")),
			hex_encode(a, sha, sizeof(sha)));
	}
	json_object_put(o);
}

static void
entries_come_out_as_they_went_in(void **state)
{
	struct scratch *out;
	zip_stat_t st;
	zip_t *z;

	(void)state;
	assert_null(archive_write(two_entries(NULL, NULL), &out));
	z = open_zip(out);
	assert_int_equal(zip_get_num_entries(z, 0), 3);
	assert_memory_equal(read_entry(z, "hello.txt").p, "hello hello hello hello", 23);
	assert_memory_equal(read_entry(z, "attachments/1.jpg").p, file, sizeof(file));
	check_manifest(z);
	/* Text is packed; a picture would only cost time. */
	assert_int_equal(zip_stat(z, "hello.txt", 0, &st), 0);
	assert_int_equal(st.comp_method, ZIP_CM_DEFLATE);
	assert_int_equal(zip_stat(z, "attachments/1.jpg", 0, &st), 0);
	assert_int_equal(st.comp_method, ZIP_CM_STORE);
	zip_discard(z);
	assert_int_equal(names_in(scratch), 0);
}

static void
an_archive_may_be_empty_but_for_its_list(void **state)
{
	struct archive *ar;
	struct scratch *out;
	zip_t *z;

	(void)state;
	assert_null(archive_new(a, scratch, NULL, NULL, &ar));
	assert_int_equal(archive_size(ar), 0);
	assert_null(archive_write(ar, &out));
	z = open_zip(out);
	assert_int_equal(zip_get_num_entries(z, 0), 1);
	check_manifest(z);
	zip_discard(z);
}

static void
a_password_locks_all_of_it(void **state)
{
	struct scratch *out;
	zip_stat_t st;
	zip_t *z;

	(void)state;
	assert_null(archive_write(two_entries("open sesame", NULL), &out));
	z = open_zip(out);
	for (zip_int64_t i = 0; i < zip_get_num_entries(z, 0); i++) {
		assert_int_equal(zip_stat_index(z, (zip_uint64_t)i, 0, &st), 0);
		assert_int_equal(st.encryption_method, ZIP_EM_AES_256);
	}
	assert_null(zip_fopen(z, "hello.txt", 0));
	assert_int_equal(zip_set_default_password(z, "open sesam"), 0);
	assert_null(zip_fopen(z, "hello.txt", 0));
	assert_int_equal(zip_set_default_password(z, "open sesame"), 0);
	assert_memory_equal(read_entry(z, "attachments/1.jpg").p, file, sizeof(file));
	check_manifest(z);
	zip_discard(z);
}

/* Writes an archive with this file in it; the error. */
static struct err *
write_with(const struct archive_object *o)
{
	struct archive *ar;
	struct scratch *out = NULL;
	struct err *e;

	assert_null(archive_new(a, scratch, NULL, NULL, &ar));
	archive_add_object(ar, "attachments/1.jpg", o);
	e = archive_write(ar, &out);
	assert_true(e == NULL || out == NULL);
	return e;
}

static void
a_file_that_is_not_what_was_stored_ends_it(void **state)
{
	unsigned char wrong[DIGEST_BYTES] = {1};
	struct archive_object o = stored;

	(void)state;
	assert_null(write_with(&o));
	o.sha256.p = wrong;
	assert_string_equal(write_with(&o)->detail, "a stored file is not what was stored");
	o = stored;
	o.size--;
	assert_string_equal(write_with(&o)->detail, "a stored file is not what was stored");
	o = stored;
	o.key.key[0] ^= 1;
	assert_int_equal(write_with(&o)->kind, ERR_INTERNAL);
	o = stored;
	o.object = "00000000000000000000000000000000";
	assert_int_equal(write_with(&o)->kind, ERR_INTERNAL);
	assert_int_equal(names_in(scratch), 0);
}

struct watching {
	int calls;
	int64_t files;
	int stop_at;
};

static struct err *
tick(void *ctx, int64_t files)
{
	struct watching *w = ctx;

	w->files += files;
	if (++w->calls == w->stop_at)
		return err_new(a, ERR_GONE, NULL);
	return NULL;
}

static void
who_watches_can_end_it(void **state)
{
	struct watching w = {0};
	struct archive_watch watch = {tick, &w};
	struct scratch *out;
	int calls;

	(void)state;
	assert_null(archive_write(two_entries(NULL, &watch), &out));
	assert_int_equal(w.files, 1);
	calls = w.calls;
	assert_true(calls > 5);
	for (int i = 1; i <= calls; i++) {
		w = (struct watching){.stop_at = i};
		assert_int_equal(archive_write(two_entries(NULL, &watch), &out)->kind, ERR_GONE);
		assert_int_equal(w.calls, i);
	}
	assert_int_equal(names_in(scratch), 0);
}

static void
scratch_has_no_name_and_knows_its_digest(void **state)
{
	struct scratch *s = text("abc");
	unsigned char sha[DIGEST_BYTES];
	char back[8];
	size_t got;

	(void)state;
	assert_int_equal(names_in(scratch), 0);
	scratch_end(s);
	sha256("abc", 3, sha);
	assert_memory_equal(s->sha256, sha, DIGEST_BYTES);
	assert_int_equal(s->size, 3);
	assert_null(scratch_read_at(s, 1, back, sizeof(back), &got));
	assert_int_equal(got, 2);
	assert_memory_equal(back, "bc", 2);
	assert_null(scratch_read_at(s, 3, back, sizeof(back), &got));
	assert_int_equal(got, 0);
}

static void
scratch_that_cannot_be_is_an_error(void **state)
{
	struct scratch *s;
	struct sb sb;
	int status;

	(void)state;
	assert_int_equal(scratch_new(a, "/nonexistent/folder", &s)->kind, ERR_INTERNAL);
	s = text("");
	sb_init(&sb, a, 4);
	sb_puts(&sb, "too long");
	assert_int_equal(scratch_add_sb(s, &sb)->kind, ERR_INTERNAL);
	scratch_end(s);
	EXIT_OF((void)!scratch_add(s, "x", 1), status);
	assert_int_equal(status, 70);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(entries_come_out_as_they_went_in),
		TEST(an_archive_may_be_empty_but_for_its_list),
		TEST(a_password_locks_all_of_it),
		TEST(a_file_that_is_not_what_was_stored_ends_it),
		TEST(who_watches_can_end_it),
		TEST(scratch_has_no_name_and_knows_its_digest),
		TEST(scratch_that_cannot_be_is_an_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
