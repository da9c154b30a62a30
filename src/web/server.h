/* SPDX-License-Identifier: ISC */
/*
 * The FastCGI loop of one process: accept, serve, reset. The listening socket
 * is descriptor 0 (spawn-fcgi, multiwatch, systemd). SIGTERM, SIGINT and SIGUSR1
 * (what FastCGI process managers send) finish the running request and then make
 * server_run() return; SIGPIPE is ignored.
 *
 * Waiting. Many processes share the socket. Each waits in an epoll set of its
 * own with EPOLLEXCLUSIVE, so a connection wakes one of them, and accepts
 * without blocking: whoever comes second gets EAGAIN and waits again.
 *
 * Stopping. The three signals are blocked from start to end and read from a
 * signalfd in the same set. So a signal that comes at any time is seen at the
 * next wait, none is lost between a test and a sleep, a stream of connections
 * cannot hide it, and no read or write of a request is ever interrupted. What
 * still waits in the socket's queue stays for the next process.
 *
 * A connection carries one request (fastcgi_keep_conn off): a process that held
 * one open would sit in it while new ones queue.
 */
#ifndef PRAYA_SERVER_H
#define PRAYA_SERVER_H

/* serve() gets an opaque FCGX_Request and never fails. Returns when asked to
 * stop. Fatal when descriptor 0 is no listening socket. */
void server_run(void (*serve)(void *fcgi));

/* For response.c: the answer in hand cannot be finished. Its connection is
 * closed without an end, so that the web server reports it as broken instead
 * of passing on half of it as if it were all. */
void server_cut(void *fcgi);

#endif
