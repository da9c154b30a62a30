/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "child.h"

static const char *const no_env[] = {NULL};

static int
run(const char *script, const char *const *env, int out)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	struct child c;
	int status = -2;

	assert_true(child_start(&c, argv, env, out));
	assert_true(child_wait(&c, 5000, &status));
	assert_int_equal(c.pid, 0);
	return status;
}

/* What a script says. */
static const char *
said(const char *script, const char *const *env)
{
	static char text[4096];
	int out[2];
	ssize_t n;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	run(script, env, out[1]);
	close(out[1]);
	n = read(out[0], text, sizeof(text) - 1);
	close(out[0]);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void
its_exit_status_comes_back(void **state)
{
	(void)state;
	assert_int_equal(run("exit 0", no_env, -1), 0);
	assert_int_equal(run("exit 7", no_env, -1), 7);
	assert_int_equal(run("kill -9 $$", no_env, -1), -1);
}

static void
what_cannot_be_run_ends_with_127(void **state)
{
	const char *const argv[] = {"/nonexistent/program", NULL};
	struct child c;
	int status = 0;

	(void)state;
	assert_true(child_start(&c, argv, no_env, -1));
	assert_true(child_wait(&c, 5000, &status));
	assert_int_equal(status, 127);
}

static void
it_sees_no_environment_and_no_descriptor_of_ours(void **state)
{
	const char *const env[] = {"PGHOST=/there", NULL};
	int open_here = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(open_here > 2);
	assert_string_equal(said("echo $PGHOST $HOME", env), "/there\n");
	assert_string_equal(said("read line; echo $?", no_env), "1\n");
	/* 3 is the folder being listed. */
	assert_string_equal(said("/bin/ls /proc/self/fd", no_env), "0\n1\n2\n3\n");
	close(open_here);
}

static void
its_errors_go_nowhere(void **state)
{
	(void)state;
	assert_string_equal(said("echo loud >&2; readlink /proc/self/fd/2", no_env), "/dev/null\n");
}

static void
waiting_ends_with_its_time(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "exec /bin/sleep 60", NULL};
	struct child c;
	int status;

	(void)state;
	assert_true(child_start(&c, argv, no_env, -1));
	assert_false(child_wait(&c, 10, &status));
	assert_int_not_equal(c.pid, 0);
	child_stop(&c);
	assert_int_equal(c.pid, 0);
	child_stop(&c);
	assert_false(child_wait(&c, 10, &status));
}

/* The middle process starts one and is killed over it. */
static void
it_does_not_outlive_us(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c",
		"trap 'echo asked; kill $!; exit' INT; echo ready; "
		"/bin/sleep 60 >/dev/null & wait",
		NULL};
	int out[2];
	char text[32];
	pid_t middle;

	(void)state;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	middle = fork();
	if (middle == 0) {
		struct child c;

		signal(SIGINT, SIG_IGN);
		if (!child_start(&c, argv, no_env, out[1]))
			_exit(1);
		pause();
		_exit(0);
	}
	close(out[1]);
	assert_int_equal(read(out[0], text, sizeof(text)), 6);
	assert_memory_equal(text, "ready\n", 6);
	kill(middle, SIGKILL);
	assert_int_equal(waitpid(middle, NULL, 0), middle);
	/* The end of the pipe is the end of the process. */
	assert_int_equal(read(out[0], text, sizeof(text)), 6);
	assert_memory_equal(text, "asked\n", 6);
	assert_int_equal(read(out[0], text, sizeof(text)), 0);
	close(out[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_exit_status_comes_back),
		cmocka_unit_test(what_cannot_be_run_ends_with_127),
		cmocka_unit_test(it_sees_no_environment_and_no_descriptor_of_ours),
		cmocka_unit_test(its_errors_go_nowhere),
		cmocka_unit_test(waiting_ends_with_its_time),
		cmocka_unit_test(it_does_not_outlive_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
