/* SPDX-License-Identifier: ISC */
/*
 * The FastCGI loop of one process: accept, serve, reset. The listening socket
 * is descriptor 0 (spawn-fcgi, multiwatch, systemd). SIGTERM finishes the
 * running request and then returns; SIGPIPE is ignored.
 */
#ifndef PRAYA_SERVER_H
#define PRAYA_SERVER_H

/* serve() gets an opaque FCGX_Request and never fails. Returns when asked to stop. */
void server_run(void (*serve)(void *fcgi));

#endif
