/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "newfile.h"
#include "seal.h"

#include "scratch.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
#define HEX64 "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

static char dir[] = "test_keyfile.XXXXXX";
static char path[64];

static int
setup(void **state)
{
	(void)state;
	scratch_make(dir);
	snprintf(path, sizeof(path), "%s/master.key", dir);
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
fresh(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void
put(const char *text, size_t n, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
assert_refused(const char *why)
{
	struct seal_key key = {.id = 5, .key = {7}};
	const char *said = NULL;

	assert_false(key_file_read(path, &key, &said));
	assert_non_null(strstr(said, why));
	assert_int_equal(key.id, 5);
	assert_int_equal(key.key[0], 7);
}

static int
entries(void)
{
	DIR *d = opendir(dir);
	int n = -2; /* . and .. */

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
a_made_key_reads_back(void **state)
{
	struct seal_key made = {.id = 9};
	struct seal_key read = {.id = 9};
	struct stat st;
	const char *why;

	(void)state;
	assert_true(key_file_create(path, &made, &why));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(entries(), 1);
	assert_true(key_file_read(path, &read, &why));
	assert_int_equal(made.id, 0);
	assert_int_equal(read.id, 0);
	assert_memory_equal(made.key, read.key, KEY_BYTES);
}

static void
two_made_keys_differ(void **state)
{
	struct seal_key one;
	struct seal_key two;
	const char *why;

	(void)state;
	assert_true(key_file_create(path, &one, &why));
	unlink(path);
	assert_true(key_file_create(path, &two, &why));
	assert_memory_not_equal(one.key, two.key, KEY_BYTES);
}

static void
a_file_is_never_overwritten(void **state)
{
	struct seal_key key = {.id = 5};
	const char *why;
	char text[4] = "";
	int fd;

	(void)state;
	put("old", 3, 0600);
	assert_false(key_file_create(path, &key, &why));
	assert_non_null(strstr(why, "exists already"));
	assert_int_equal(key.id, 5);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, text, 4), 3);
	assert_string_equal(text, "old");
	close(fd);
	assert_int_equal(entries(), 1);
}

static void
a_dangling_link_is_not_followed_when_making(void **state)
{
	struct seal_key key;
	const char *why;

	(void)state;
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_false(key_file_create(path, &key, &why));
	assert_int_equal(entries(), 1);
}

static void
making_needs_its_folder(void **state)
{
	struct seal_key key;
	const char *why;

	(void)state;
	assert_false(key_file_create("test_keyfile.none/master.key", &key, &why));
	assert_non_null(strstr(why, "folder does not exist"));
}

static void
a_path_without_a_folder_is_here(void **state)
{
	struct seal_key key;
	const char *why;

	(void)state;
	unlink("test_keyfile.key");
	assert_true(key_file_create("test_keyfile.key", &key, &why));
	assert_int_equal(unlink("test_keyfile.key"), 0);
}

static void
good_texts_are_read(void **state)
{
	struct seal_key key;
	const char *why;

	(void)state;
	for (int newline = 0; newline < 2; newline++) {
		put(HEX64 "\n", 64 + (size_t)newline, newline ? 0600 : 0400);
		assert_true(key_file_read(path, &key, &why));
		for (int i = 0; i < KEY_BYTES; i++)
			assert_int_equal(key.key[i], i);
	}
}

static void
bad_texts_are_refused(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} bad[] = {
		{"", 0},
		{"\n", 1},
		{HEX64, 63},
		{HEX64, 62},
		{HEX64 "0", 65},
		{HEX64 "00", 66},
		{HEX64 "\n\n", 66},
		{HEX64 "\r\n", 66},
		{" " HEX64, 65},
		{HEX64 " ", 65},
		{HEX64 HEX64, 128},
		{"0x" HEX64, 66},
		{"g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 64},
		{"00010203\00005060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 64},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		put(bad[i].text, bad[i].n, 0600);
		assert_refused("64 hex digits");
	}
	put("0000000000000000000000000000000000000000000000000000000000000000", 64, 0600);
	assert_refused("zeros");
}

static void
a_file_that_others_may_touch_is_refused(void **state)
{
	static const mode_t modes[] = {
		0640, 0604, 0644, 0660, 0666, 0620, 0602, 0610, 0601, 0440, 0404, 0777, 0700 | 010};

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		put(HEX64, 64, modes[i]);
		assert_refused("others may read it");
	}
}

static void
what_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_refused("does not exist");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused("not a plain file");
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0); /* and does not wait for a writer */
	assert_refused("not a plain file");
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_refused("not a plain file");
}

static void
a_named_file_appears_whole_too(void **state)
{
	struct newfile f;
	struct stat st;

	(void)state;
	assert_int_equal(newfile_open(&f, dir, true), 0);
	assert_int_equal(newfile_write(&f, "text", 4), 0);
	assert_int_not_equal(stat(path, &st), 0);
	assert_int_equal(entries(), 1);
	assert_int_equal(newfile_publish(&f, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(entries(), 1);
	for (int named = 0; named < 2; named++) {
		assert_int_equal(newfile_open(&f, dir, named), 0);
		assert_int_equal(newfile_publish(&f, path), EEXIST);
		assert_int_equal(f.fd, -1);
		newfile_abandon(&f);
		assert_int_equal(newfile_open(&f, dir, named), 0);
		newfile_abandon(&f);
		assert_int_equal(entries(), 1);
	}
	assert_int_equal(newfile_open(&f, "test_keyfile.none", true), ENOENT);
	assert_int_equal(newfile_open(&f, "test_keyfile.none", false), ENOENT);
}

static void
folders_are_made_private(void **state)
{
	char deep[64];
	struct stat st;

	(void)state;
	snprintf(deep, sizeof(deep), "%s/a/b/c", dir);
	assert_int_equal(newfile_folder(deep), 0);
	assert_int_equal(newfile_folder(deep), 0);
	for (int up = 0; up < 3; up++) {
		assert_int_equal(stat(deep, &st), 0);
		assert_int_equal(st.st_mode, S_IFDIR | 0700);
		rmdir(deep);
		*strrchr(deep, '/') = '\0';
	}
	put("x", 1, 0600);
	assert_int_equal(newfile_folder(path), ENOTDIR);
	snprintf(deep, sizeof(deep), "%s/master.key/below", dir);
	assert_int_equal(newfile_folder(deep), ENOTDIR);
	assert_int_equal(newfile_folder(""), ENOENT);
	assert_int_equal(newfile_folder("/"), 0);
}

#define T(fn) cmocka_unit_test_setup(fn, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_made_key_reads_back),
		T(two_made_keys_differ),
		T(a_file_is_never_overwritten),
		T(a_dangling_link_is_not_followed_when_making),
		T(making_needs_its_folder),
		T(a_path_without_a_folder_is_here),
		T(good_texts_are_read),
		T(bad_texts_are_refused),
		T(a_file_that_others_may_touch_is_refused),
		T(what_is_no_file_is_refused),
		T(a_named_file_appears_whole_too),
		T(folders_are_made_private),
	};

	return cmocka_run_group_tests_name("keyfile", tests, setup, teardown);
}
