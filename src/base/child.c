/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 10000

/* In the new process, where only little may be called. */
static void
become(const char *const *argv, const char *const *env, int in, int out, pid_t parent)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	if (null < 0 || dup2(in >= 0 ? in : null, STDIN_FILENO) < 0 ||
		dup2(out >= 0 ? out : null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 ||
		close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
		_exit(127);
	sigaction(SIGPIPE, &usual, NULL);
	/* Ignored when we were started in the background; it is how this one ends. */
	sigaction(SIGINT, &usual, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Between the two we may have ended already. */
	if (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || getppid() != parent)
		_exit(127);
	execve(argv[0], (char *const *)argv, (char *const *)env);
	_exit(127);
}

bool
child_start(struct child *c, const char *const *argv, const char *const *env, int out)
{
	return child_start_fed(c, argv, env, -1, out);
}

bool
child_start_fed(struct child *c, const char *const *argv, const char *const *env, int in, int out)
{
	pid_t parent = getpid();

	memset(c, 0, sizeof(*c));
	c->pid = fork();
	if (c->pid == 0)
		become(argv, env, in, out, parent);
	if (c->pid < 0) {
		c->pid = 0;
		return false;
	}
	c->watch = pidfd_open(c->pid, 0);
	if (c->watch >= 0)
		return true;
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	return false;
}

bool
child_wait(struct child *c, int ms, int *exit_r)
{
	struct pollfd p = {.fd = c->watch, .events = POLLIN};
	int status = 0;

	/* A signal ends the waiting early, which is what our caller wants. */
	if (c->pid == 0 || poll(&p, 1, ms) <= 0)
		return false;
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c->watch);
	c->pid = 0;
	*exit_r = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return true;
}

void
child_stop(struct child *c)
{
	int status;

	if (c->pid == 0)
		return;
	kill(c->pid, SIGINT);
	if (child_wait(c, PATIENCE_MS, &status))
		return;
	kill(c->pid, SIGKILL);
	while (!child_wait(c, PATIENCE_MS, &status))
		;
}
