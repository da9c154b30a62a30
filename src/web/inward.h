/* SPDX-License-Identifier: ISC */
/*
 * A request that comes from inside the program: it is served by the same
 * function as one of the web server's (gate_serve) and cannot be told from it.
 */
#ifndef PRAYA_INWARD_H
#define PRAYA_INWARD_H

#include "arena.h"

struct inward {
	const char *method; /* "GET" */
	const char *host;
	const char *uri;          /* path and query, as a client sends them */
	const char *cookie;       /* the header; NULL: none */
	const char *bearer;       /* a token; NULL: none */
	const char *csrf;         /* X-CSRF-Token; NULL: none */
	const char *content_type; /* of the body; NULL: there is none */
	const char *body;
	const char *id; /* of the request: 16 hex digits */
};

/* Takes the answer piece by piece: a head like HTTP's with "Status:", an empty line, the body. */
typedef void inward_take(void *ctx, const char *p, size_t n);

void inward_serve(struct arena *a, void (*serve)(void *fcgi), const struct inward *in,
	inward_take *take, void *ctx);

#endif
