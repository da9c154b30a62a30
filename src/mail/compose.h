/* SPDX-License-Identifier: ISC */
/* A mail of Praya's own as bytes for the relay: text and HTML, by GMime. */
#ifndef PRAYA_COMPOSE_H
#define PRAYA_COMPOSE_H

#include <stdint.h>

#include "arena.h"

struct letter_file {
	const char *name; /* printable ASCII */
	const char *type; /* "application/pdf" */
	struct bytes content;
};

struct letter {
	const char *from; /* an address */
	const char *from_name;
	const char *to;
	const char *to_name; /* NULL: none */
	const char *subject;
	const char *html;                /* valid UTF-8; its text goes along as the plain version */
	const char *lang;                /* "en", "zh-Hant" */
	const char *message_id;          /* left of the @ */
	const char *domain;              /* right of it */
	int64_t date;                    /* seconds since 1970 */
	const struct letter_file *files; /* NULL: none */
	size_t nfiles;
};

/* Lines end in CRLF. Whatever stands in the texts, each is one header: line ends
 * and control characters are dropped from names and subject. False: `to` or
 * `from` is no address. */
bool compose(struct arena *a, const struct letter *l, struct bytes *out);

#endif
