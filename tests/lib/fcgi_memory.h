/* SPDX-License-Identifier: ISC */
/*
 * A FastCGI request made of memory: the parameters and the body are given, the
 * answer is collected. libfcgi's streams are buffers with two functions behind
 * them, so the code under test cannot tell the difference.
 */
#ifndef PRAYA_TEST_FCGI_MEMORY_H
#define PRAYA_TEST_FCGI_MEMORY_H

#include <fcgiapp.h>

#include "arena.h"
#include "sb.h"

#define FCGI_MEMORY_PARAMS 32

struct fcgi_memory {
	FCGX_Request request; /* its address is what request_begin() takes */
	FCGX_Stream in, out;
	char *params[FCGI_MEMORY_PARAMS + 1];
	const char *body;
	size_t left;  /* of the body */
	size_t piece; /* the body comes in pieces of that size */
	struct sb answer;
	bool gone; /* the web server has closed the connection */
	struct arena *a;
	unsigned char buffer[4096];
};

struct fcgi_memory *fcgi_memory_new(struct arena *a);
void fcgi_memory_param(struct fcgi_memory *f, const char *name, const char *value);
/* The body, to be read in pieces; sets CONTENT_LENGTH unless it is -1. */
void fcgi_memory_body(
	struct fcgi_memory *f, const char *body, size_t n, size_t piece, long long content_length);
/* What was written so far. */
const char *fcgi_memory_answer(struct fcgi_memory *f);

#endif
