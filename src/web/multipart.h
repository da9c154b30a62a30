/* SPDX-License-Identifier: ISC */
/* multipart/form-data as a push parser in constant memory (RFC 7578). */
#ifndef PRAYA_MULTIPART_H
#define PRAYA_MULTIPART_H

#include "err.h"

struct multipart_events {
	/* file_name and content_type NULL for a plain field. name is valid UTF-8. */
	struct err *(*begin)(
		void *ctx, const char *name, const char *file_name, const char *content_type);
	struct err *(*data)(void *ctx, const void *p, size_t n);
	struct err *(*end)(void *ctx);
};

struct multipart;

/* content_type: the whole header. NULL return: no usable boundary. */
struct multipart *multipart_new(struct arena *a, const char *content_type,
	const struct multipart_events *events, void *ctx);
struct err *multipart_feed(struct multipart *m, const char *p, size_t n);
/* ERR_BAD_REQUEST when the last boundary is missing. */
struct err *multipart_finish(struct multipart *m);

#endif
