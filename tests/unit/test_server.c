/* SPDX-License-Identifier: ISC */
/*
 * The loop of a process, against a real socket. The test plays the web server:
 * it writes FastCGI records and reads what comes back. Every wait is for an
 * event (a byte in a pipe, the end of a process), never for time.
 */
#include "unit.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "server.h"

enum record { BEGIN = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, STDERR = 7 };

static char path[64];
static int listener;
/* The child writes to told[1] when it is inside a request, and waits there for
 * a byte from go[0] when the request asks for it. */
static int told[2], go[2];

static int
setup(void **state)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	(void)state;
	snprintf(path, sizeof(path), "test_server.%d.sock", (int)getpid());
	strcpy(sa.sun_path, path);
	unlink(path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(listener, 64), 0);
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(go), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(listener);
	close(told[0]);
	close(told[1]);
	close(go[0]);
	close(go[1]);
	return unlink(path);
}

static void
await(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		_exit(99);
}

static void
tell(int fd)
{
	if (write(fd, "x", 1) != 1)
		_exit(99);
}

/* Does what the parameter DO says. */
static void
serve(void *fcgi)
{
	FCGX_Request *fc = fcgi;
	const char *what = FCGX_GetParam("DO", fc->envp);
	char buf[4096];
	size_t total = 0;
	int n;

	tell(told[1]);
	if (strcmp(what, "wait") == 0)
		await(go[0]);
	if (strcmp(what, "read") == 0)
		while ((n = FCGX_GetStr(buf, sizeof(buf), fc->in)) > 0)
			total += (size_t)n;
	server_drain(fcgi);
	FCGX_FPrintF(fc->out, "Status: 200 OK\r\n\r\n%s %d %d", what, (int)total, (int)getpid());
	if (strcmp(what, "cut") == 0) {
		FCGX_FFlush(fc->out);
		server_cut(fcgi);
	}
}

static void
rest(void)
{
	tell(told[1]);
}

static pid_t
start(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(listener, 0);
		server_run(serve, NULL);
		_exit(0);
	}
	return pid;
}

static void
ended(pid_t pid)
{
	int w;

	assert_int_equal(waitpid(pid, &w, 0), pid);
	assert_true(WIFEXITED(w));
	assert_int_equal(WEXITSTATUS(w), 0);
}

static void
stop(pid_t pid)
{
	kill(pid, SIGTERM);
	ended(pid);
}

static void
put(int fd, const void *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		assert_true(k > 0);
		p = (const char *)p + k;
		n -= (size_t)k;
	}
}

static void
put_record(int fd, enum record type, const void *p, size_t n)
{
	unsigned char head[8] = {
		1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8), (unsigned char)n, 0, 0};

	put(fd, head, sizeof(head));
	if (n > 0)
		put(fd, p, n);
}

static int
dial(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

/* A request up to the end of its parameters. */
static int
ask(const char *what, bool keep)
{
	unsigned char begin[8] = {0, 1, keep, 0, 0, 0, 0, 0};
	char param[64];
	int n, fd = dial();

	n = snprintf(param, sizeof(param), "%c%cDO%s", 2, (int)strlen(what), what);
	put_record(fd, BEGIN, begin, sizeof(begin));
	put_record(fd, PARAMS, param, (size_t)n);
	put_record(fd, PARAMS, NULL, 0);
	return fd;
}

/* Everything until the connection is closed; true when the request was ended. */
static bool
answer(int fd, char *out, size_t size)
{
	static unsigned char all[65536];
	size_t n = 0, at = 0, o = 0;
	bool whole = false;
	ssize_t k;

	while ((k = read(fd, all + n, sizeof(all) - n)) > 0)
		n += (size_t)k;
	while (at + 8 <= n) {
		size_t len = (size_t)all[at + 4] << 8 | all[at + 5];

		if (all[at + 1] == STDOUT && o + len < size) {
			memcpy(out + o, all + at + 8, len);
			o += len;
		}
		whole = whole || all[at + 1] == END_REQUEST;
		at += 8 + len + all[at + 6];
	}
	out[o] = '\0';
	close(fd);
	return whole;
}

static void
answered(int fd, const char *what, int length)
{
	char got[256], want[64];

	assert_true(answer(fd, got, sizeof(got)));
	snprintf(want, sizeof(want), "\r\n\r\n%s %d ", what, length);
	if (strstr(got, want) == NULL)
		fail_msg("%s", got);
}

static void
request_end(int fd)
{
	put_record(fd, STDIN, NULL, 0);
}

static void
one_after_the_other(void **state)
{
	pid_t pid = start();

	(void)state;
	for (int i = 0; i < 50; i++) {
		int fd = ask("go", false);

		request_end(fd);
		answered(fd, "go", 0);
	}
	stop(pid);
}

static void
bodies_arrive_whole(void **state)
{
	char body[3000] = "";
	pid_t pid = start();
	int fd = ask("read", false);

	(void)state;
	for (int i = 0; i < 100; i++)
		put_record(fd, STDIN, body, sizeof(body));
	request_end(fd);
	answered(fd, "read", 300000);
	stop(pid);
}

/* A front may send no more of a body once it has seen an answer's head. */
static void
an_unread_body_does_not_spoil_the_answer(void **state)
{
	static char body[60000];
	pid_t pid = start();
	int fd = ask("go", false);
	struct pollfd answer = {.fd = fd, .events = POLLIN};

	(void)state;
	for (int i = 0; i < 50; i++)
		put_record(fd, STDIN, body, sizeof(body));
	assert_int_equal(poll(&answer, 1, 100), 0);
	request_end(fd);
	answered(fd, "go", 0);
	stop(pid);
}

/* Before the first wait and after each request. */
static void
it_rests_before_it_waits(void **state)
{
	pid_t pid = fork();
	int fd;

	(void)state;
	if (pid == 0) {
		dup2(listener, 0);
		server_run(serve, rest);
		_exit(0);
	}
	await(told[0]);
	fd = ask("go", false);
	request_end(fd);
	answered(fd, "go", 0);
	/* The request's own word, and the rest behind it. */
	await(told[0]);
	await(told[0]);
	stop(pid);
}

static void
an_idle_process_stops_at_once(void **state)
{
	static const int stops[] = {SIGTERM, SIGINT, SIGUSR1};
	pid_t pid;
	int fd;

	(void)state;
	for (int i = 0; i < 20; i++) {
		pid = start();
		kill(pid, stops[i % 3]);
		/* Killed by the signal before server_run() blocks it, or ended by it. */
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	for (size_t i = 0; i < COUNT(stops); i++) {
		pid = start();
		fd = ask("go", false);
		request_end(fd);
		answered(fd, "go", 0);
		kill(pid, stops[i]);
		ended(pid);
	}
}

static void
a_running_request_is_finished_first(void **state)
{
	pid_t pid = start();
	int fd = ask("wait", false);

	(void)state;
	request_end(fd);
	await(told[0]);
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	tell(go[1]);
	answered(fd, "wait", 0);
	ended(pid);
}

static void
a_signal_does_not_break_a_read(void **state)
{
	pid_t pid = start();
	int fd = ask("read", false);

	(void)state;
	put_record(fd, STDIN, "abc", 3);
	await(told[0]);
	kill(pid, SIGTERM);
	kill(pid, SIGINT);
	put_record(fd, STDIN, "def", 3);
	request_end(fd);
	answered(fd, "read", 6);
	ended(pid);
}

/* A signal that is there before the wait, with connections queueing: the wait
 * must not prefer the connections, and must not take one and drop it. */
static void
a_pending_signal_goes_before_waiting_connections(void **state)
{
	int fd[5];
	sigset_t stops;
	pid_t pid, next;

	(void)state;
	for (int i = 0; i < 5; i++) {
		fd[i] = ask("go", false);
		request_end(fd[i]);
	}
	pid = fork();
	if (pid == 0) {
		sigemptyset(&stops);
		sigaddset(&stops, SIGTERM);
		sigprocmask(SIG_BLOCK, &stops, NULL);
		raise(SIGTERM);
		dup2(listener, 0);
		server_run(serve, NULL);
		_exit(0);
	}
	ended(pid);
	/* What waited is served by the process that follows. */
	next = start();
	for (int i = 0; i < 5; i++)
		answered(fd[i], "go", 0);
	stop(next);
}

static void
several_processes_share_the_socket(void **state)
{
	pid_t pids[3];
	int fds[40];

	(void)state;
	for (size_t i = 0; i < COUNT(pids); i++)
		pids[i] = start();
	/* All three are busy at once: none takes two while another is idle. */
	for (int i = 0; i < 3; i++) {
		fds[i] = ask("wait", false);
		request_end(fds[i]);
	}
	for (int i = 0; i < 3; i++)
		await(told[0]);
	for (int i = 0; i < 3; i++)
		tell(go[1]);
	for (int i = 0; i < 3; i++)
		answered(fds[i], "wait", 0);
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < COUNT(fds); i++) {
			fds[i] = ask("go", false);
			request_end(fds[i]);
		}
		for (size_t i = 0; i < COUNT(fds); i++)
			answered(fds[i], "go", 0);
	}
	for (size_t i = 0; i < COUNT(pids); i++)
		stop(pids[i]);
}

static void
a_cut_answer_has_no_end(void **state)
{
	pid_t pid = start();
	int fd = ask("cut", false);
	char got[256];

	(void)state;
	request_end(fd);
	assert_false(answer(fd, got, sizeof(got)));
	assert_non_null(strstr(got, "cut 0"));
	fd = ask("go", false);
	request_end(fd);
	answered(fd, "go", 0);
	stop(pid);
}

static void
a_connection_is_never_kept(void **state)
{
	pid_t pid = start();
	int fd = ask("go", true);

	(void)state;
	request_end(fd);
	/* Reads up to the end of the connection. */
	answered(fd, "go", 0);
	stop(pid);
}

static void
broken_requests_do_not_end_the_process(void **state)
{
	static const char *const junk[] = {"", "x", "GET / HTTP/1.1\r\n\r\n",
		"\x01\x01\x00\x01\xff\xff", "\x01\x0b\x00\x00\x00\x00\x00\x00",
		"\x09\x01\x00\x01\x00\x08\x00\x00........"};
	pid_t pid = start();
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(junk); i++) {
		fd = dial();
		put(fd, junk[i], strlen(junk[i]));
		close(fd);
	}
	/* Gone in the middle of the body, and before the answer. */
	fd = ask("read", false);
	put_record(fd, STDIN, "abc", 3);
	close(fd);
	fd = ask("go", false);
	request_end(fd);
	close(fd);
	fd = ask("go", false);
	request_end(fd);
	answered(fd, "go", 0);
	stop(pid);
}

static void
without_a_socket_nothing_starts(void **state)
{
	int status;

	(void)state;
	EXIT_OF(
		{
			close(0);
			server_run(serve, NULL);
		},
		status);
	assert_int_equal(status, 1);
	EXIT_OF(
		{
			dup2(told[0], 0);
			server_run(serve, NULL);
		},
		status);
	assert_int_equal(status, 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(one_after_the_other),
		T(bodies_arrive_whole),
		T(an_unread_body_does_not_spoil_the_answer),
		T(it_rests_before_it_waits),
		T(an_idle_process_stops_at_once),
		T(a_running_request_is_finished_first),
		T(a_signal_does_not_break_a_read),
		T(a_pending_signal_goes_before_waiting_connections),
		T(several_processes_share_the_socket),
		T(a_cut_answer_has_no_end),
		T(a_connection_is_never_kept),
		T(broken_requests_do_not_end_the_process),
		T(without_a_socket_nothing_starts),
	};

	/* A lost event would wait for ever; the alarm ends the test instead. */
	alarm(60);
	/* Ignored when we run in the background: what comes before server_run() would be lost. */
	signal(SIGINT, SIG_DFL);
	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
