/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harden.h"
#include "object.h"

#include "scratch.h"

static void
a_crash_leaves_no_core(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct rlimit core;

		process_harden();
		signal(SIGABRT, SIG_DFL);
		if (prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 &&
			core.rlim_cur == 0 && core.rlim_max == 0)
			abort();
		_exit(1);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
}

/* "Not dumpable" takes /proc/self away from a process that is not root's; the
 * file store links through it. */
static void
a_hardened_process_can_still_keep_files(void **state)
{
	char dir[] = "/tmp/test_harden.XXXXXX";
	pid_t pid;
	int status;

	(void)state;
	scratch_make(dir);
	if (geteuid() == 0)
		assert_int_equal(chown(dir, 65534, 65534), 0);
	pid = fork();
	if (pid == 0) {
		struct arena *a = arena_new(1 << 20);
		struct object_writer *w;
		char name[OBJECT_NAME];
		unsigned char sha[32];
		struct seal_key key;
		int64_t size;

		if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(2);
		process_harden();
		if (object_create(a, dir, &w) != NULL)
			_exit(3);
		_exit(object_commit(w, name, &key, &size, sha) == NULL ? 0 : 4);
	}
	waitpid(pid, &status, 0);
	scratch_remove(dir);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_leaves_no_core),
		cmocka_unit_test(a_hardened_process_can_still_keep_files),
	};

	return cmocka_run_group_tests_name("harden", tests, NULL, NULL);
}
