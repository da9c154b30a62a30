/* SPDX-License-Identifier: ISC */
#include "server.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define LISTENER 0
#define REST_MS 30000
/* A client that sends more than this for nobody to read is cut off. */
#define DRAIN_MAX ((size_t)128 * 1024 * 1024)

static bool cut;

void
server_cut(void *fcgi)
{
	(void)fcgi;
	cut = true;
}

void
server_drain(void *fcgi)
{
	FCGX_Request *fc = fcgi;
	char trash[4096];
	size_t total = 0;
	int n;

	while (total < DRAIN_MAX && (n = FCGX_GetStr(trash, sizeof(trash), fc->in)) > 0)
		total += (size_t)n;
}

/* The flag belongs to the socket, which all processes share; each sets it. */
static void
make_nonblocking(void)
{
	int listening = 0, flags = fcntl(LISTENER, F_GETFL);
	socklen_t n = sizeof(listening);

	if (getsockopt(LISTENER, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) != 0 || !listening)
		log_fatal(
			"descriptor 0 is no listening socket: start praya-web under a supervisor");
	if (flags < 0 || fcntl(LISTENER, F_SETFL, flags | O_NONBLOCK) != 0)
		log_fatal("descriptor 0: %s", strerror(errno));
}

/* The signals that stop, from now on only seen through the descriptor. */
static int
open_signals(void)
{
	sigset_t stop;
	int fd;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) != 0)
		log_fatal("sigprocmask: %s", strerror(errno));
	fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		log_fatal("signalfd: %s", strerror(errno));
	return fd;
}

static int
open_poll(int signals)
{
	struct epoll_event listener = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = LISTENER};
	struct epoll_event stop = {.events = EPOLLIN, .data.fd = signals};
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, LISTENER, &listener) != 0 ||
		epoll_ctl(fd, EPOLL_CTL_ADD, signals, &stop) != 0)
		log_fatal("epoll: %s", strerror(errno));
	return fd;
}

/* Waits for a connection, for a while; false when it is time to stop. */
static bool
wait_connection(int poll)
{
	struct epoll_event events[2];
	int n = epoll_wait(poll, events, 2, REST_MS);

	if (n < 0 && errno != EINTR)
		log_fatal("epoll: %s", strerror(errno));
	for (int i = 0; i < n; i++)
		if (events[i].data.fd != LISTENER)
			return false;
	return true;
}

/*
 * libfcgi would close the connection only after waiting, up to two seconds, for
 * the other end to do so; nothing is gained by it on a local socket whose input
 * is read, and the process could serve the next request meanwhile. So it is
 * told to keep the connection, which is then closed here. Closing without
 * FCGX_Finish_r() sends no end of the request: that is a cut.
 */
static void
serve_one(FCGX_Request *fc, void (*serve)(void *fcgi))
{
	cut = false;
	serve(fc);
	fc->keepConnection = 1;
	if (cut)
		FCGX_Free(fc, 0);
	else
		FCGX_Finish_r(fc);
	/* -1: it broke, and libfcgi has closed it. */
	if (fc->ipcFd >= 0)
		close(fc->ipcFd);
	fc->ipcFd = -1;
}

void
server_run(void (*serve)(void *fcgi), void (*rest)(void))
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	int signals, poll;
	FCGX_Request fc;

	make_nonblocking();
	signals = open_signals();
	poll = open_poll(signals);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&fc, LISTENER, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		log_fatal("libfcgi could not start");
	/* libfcgi has put handlers of its own; blocked signals never reach them. */
	sigaction(SIGPIPE, &ignore, NULL);
	for (;;) {
		int rc;

		if (rest != NULL)
			rest();
		if (!wait_connection(poll))
			break;
		rc = FCGX_Accept_r(&fc);

		if (rc == 0)
			serve_one(&fc, serve);
		else if (rc != -EAGAIN && rc != -EINTR)
			log_fatal("accept: %s", strerror(rc < 0 ? -rc : rc));
	}
	close(poll);
	close(signals);
}
