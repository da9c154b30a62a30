/* SPDX-License-Identifier: ISC */
/*
 * A mail message taken apart. The only user of GMime.
 *
 * Nothing that comes in is trusted: every text of a struct mail is valid UTF-8
 * without NUL, every list has an end, no input is an error but those of enum
 * mail_problem. All of it lives in the arena; the bytes of the message must
 * live as long.
 */
#ifndef PRAYA_MAIL_H
#define PRAYA_MAIL_H

#include <stdint.h>

#include "err.h"

#define MAIL_PARTS_MAX 100
#define MAIL_DEPTH_MAX 10
#define MAIL_ADDRESSES_MAX 200
/* More text than this goes into a file as well. */
#define MAIL_TEXT_MAX ((size_t)4 << 20)

enum mail_problem {
	MAIL_OK,
	MAIL_UNREADABLE,     /* no message at all */
	MAIL_TOO_MANY_PARTS, /* more than MAIL_PARTS_MAX */
};

struct mail_address {
	const char *name;    /* NULL: none */
	const char *address; /* lower case, checked (text_email) */
};

struct mail_file {
	const char *file_name;    /* cleaned (text_file_name) */
	const char *content_type; /* as claimed, "type/subtype" */
	void *part;               /* GMimeObject */
	bool whole;               /* a message or a nest too deep: kept as it came */
};

struct mail {
	const char *message_id; /* NULL: it has none */
	/* From, else Sender, Reply-To or Return-Path; address NULL: nobody. */
	struct mail_address from;
	bool proven;             /* our own relay vouches for the domain of `from` */
	struct mail_address *to; /* To and Cc without the mailbox it was delivered to */
	size_t nto;
	bool automatic;      /* a bounce, a newsletter, an answer of a machine */
	const char *subject; /* NULL: none */
	int64_t date;        /* microseconds since 1970 UTC; 0: none that can be read */
	const char *text;    /* "" when there is none */
	bool text_cut;       /* longer than MAIL_TEXT_MAX: all of it is among the files */
	struct mail_file *files;
	size_t nfiles;
};

/* relay: the name under which it writes Authentication-Results; NULL: nothing is proven. */
enum mail_problem
mail_parse(struct arena *a, const void *p, size_t n, const char *relay, struct mail **mail_r);

typedef struct err *mail_sink_fn(void *ctx, const void *p, size_t n);
/* The decoded bytes, piece by piece. Stops at the sink's first error. */
struct err *mail_file_read(const struct mail_file *f, mail_sink_fn *sink, void *ctx);

#endif
