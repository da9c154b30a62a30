/* SPDX-License-Identifier: ISC */
/* What the file store does when there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "object.h"
#include "object_format.h"
#include "token.h"

#include "scratch.h"

#define MIB (1024 * 1024)
#define NO_NAMESPACE 77

static char dir[] = "test_object_space.XXXXXX";
static unsigned char data[MIB];

static int
setup(void **state)
{
	(void)state;
	scratch_make(dir);
	random_bytes(data, sizeof(data));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

static bool
is_no_space(const struct err *e)
{
	return e != NULL && e->kind == ERR_BUSY && e->detail != NULL &&
	       strcmp(e->detail, "file store: no space") == 0;
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

/* A number that names the broken promise, 0 when all were kept. */
static int
write_until_full(bool named)
{
	struct arena *a = arena_new(4 * MIB);
	struct object_writer *w;
	struct err *e = object_create_how(a, dir, named, &w);
	char name[OBJECT_NAME];
	unsigned char sha[32];
	struct seal_key key;
	int64_t size;

	if (e != NULL)
		return 10;
	for (int i = 0; i < 8 && e == NULL; i++)
		e = object_write(w, data, sizeof(data));
	if (!is_no_space(e))
		return 11;
	if (files_in_store() != 0)
		return 12;
	if (object_write(w, "x", 1) == NULL)
		return 13;
	if (object_commit(w, name, &key, &size, sha) == NULL)
		return 14;
	arena_free(&a);
	return files_in_store() == 0 ? 0 : 15;
}

static int
write_small(void)
{
	struct arena *a = arena_new(4 * MIB);
	struct object_writer *w;
	char name[OBJECT_NAME];
	unsigned char sha[32];
	struct seal_key key;
	int64_t size;

	if (object_create(a, dir, &w) != NULL || object_write(w, data, 1000) != NULL)
		return 20;
	if (object_commit(w, name, &key, &size, sha) != NULL)
		return 21;
	if (object_destroy(a, dir, name) != NULL)
		return 22;
	arena_free(&a);
	return 0;
}

static int
under_a_limit(void)
{
	const struct rlimit limit = {3 * MIB, 3 * MIB};
	int rc;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	rc = write_until_full(false);
	if (rc == 0)
		rc = write_until_full(true);
	return rc != 0 ? rc : write_small();
}

static bool
put_line(const char *path, const char *line)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return false;
	fputs(line, f);
	return fclose(f) == 0;
}

/* A mount namespace of our own; who is not root becomes it in a user namespace. */
static bool
own_namespace(void)
{
	char users[64];
	char groups[64];

	snprintf(users, sizeof(users), "0 %ld 1", (long)geteuid());
	snprintf(groups, sizeof(groups), "0 %ld 1", (long)getegid());

	if (unshare(CLONE_NEWNS) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	return put_line("/proc/self/setgroups", "deny") && put_line("/proc/self/uid_map", users) &&
	       put_line("/proc/self/gid_map", groups);
}

static bool
small_disk(const char *options)
{
	return own_namespace() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", dir, "tmpfs", 0, options) == 0;
}

static int
on_a_small_disk(void)
{
	struct statvfs before;
	struct statvfs after;
	int rc;

	if (!small_disk("size=2m,mode=0700"))
		return NO_NAMESPACE;
	if (statvfs(dir, &before) != 0)
		return 1;
	rc = write_until_full(false);
	if (rc == 0)
		rc = write_until_full(true);
	if (rc == 0 && (statvfs(dir, &after) != 0 || after.f_bfree != before.f_bfree))
		rc = 2; /* the room was not given back */
	return rc != 0 ? rc : write_small();
}

/* Not even a file: no inode is left. */
static int
without_an_inode(void)
{
	struct arena *a = arena_new(4 * MIB);
	struct object_writer *w;

	if (!small_disk("size=2m,nr_inodes=1,mode=0700"))
		return NO_NAMESPACE;
	for (int named = 0; named < 2; named++)
		if (!is_no_space(object_create_how(a, dir, named, &w)))
			return 30;
	arena_free(&a);
	return files_in_store() == 0 ? 0 : 31;
}

static int
in_a_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(fn());
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
a_limit_on_file_size_is_no_space(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(under_a_limit), 0);
}

static void
a_full_disk_is_no_space_and_nothing_stays(void **state)
{
	int rc = in_a_child(on_a_small_disk);

	(void)state;
	if (rc == NO_NAMESPACE)
		skip();
	assert_int_equal(rc, 0);
}

static void
a_disk_without_inodes_is_no_space(void **state)
{
	int rc = in_a_child(without_an_inode);

	(void)state;
	if (rc == NO_NAMESPACE)
		skip();
	assert_int_equal(rc, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_on_file_size_is_no_space),
		cmocka_unit_test(a_full_disk_is_no_space_and_nothing_stays),
		cmocka_unit_test(a_disk_without_inodes_is_no_space),
	};

	return cmocka_run_group_tests_name("object_space", tests, setup, teardown);
}
