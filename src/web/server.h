/* SPDX-License-Identifier: ISC */
/*
 * The FastCGI loop of one process: accept, serve, reset. The listening socket
 * is descriptor 0 (spawn-fcgi, multiwatch, systemd). SIGTERM, SIGINT and SIGUSR1
 * (what FastCGI process managers send) finish the running request and then make
 * server_run() return; SIGPIPE is ignored.
 *
 * Waiting. Many processes share the socket. Each waits in an epoll set of its
 * own with EPOLLEXCLUSIVE, so a connection wakes one of them, and accepts
 * without blocking: whoever comes second gets EAGAIN and waits again. Measured
 * with an answer of 3 KB, nginx and wrk on two cores, 16 processes: 9,000 to
 * 10,600 requests a second; 4,700 to 5,400 when all of them wake; 6,700 to 9,500
 * with libfcgi's own blocking accept, which cannot be stopped without a race.
 *
 * Stopping. The three signals are blocked from start to end and read from a
 * signalfd in the same set. So a signal that comes at any time is seen at the
 * next wait, none is lost between a test and a sleep, a stream of connections
 * cannot hide it, and no read or write of a request is ever interrupted. What
 * still waits in the socket's queue stays for the next process.
 *
 * A connection carries one request, whatever it asks for: a process that held
 * one open would sit in it while new ones queue. What the handler left unread of
 * the body is read before the first byte of the answer: nginx stops sending a
 * body once it has seen an answer's head, so reading later would wait for ever,
 * and closing with bytes unread would break the connection under its write.
 */
#ifndef PRAYA_SERVER_H
#define PRAYA_SERVER_H

/* serve() gets an opaque FCGX_Request and never fails. rest() is called before each wait, and
 * every half a minute of it (NULL: never). Returns when asked to stop. Fatal when descriptor 0 is
 * no listening socket. */
void server_run(void (*serve)(void *fcgi), void (*rest)(void));

/* For response.c, before it writes: reads and drops what is left of the body. */
void server_drain(void *fcgi);

/* For response.c: the answer in hand cannot be finished. Its connection is
 * closed without an end, so that the web server reports it as broken instead
 * of passing on half of it as if it were all. */
void server_cut(void *fcgi);

#endif
