/* SPDX-License-Identifier: ISC */
/*
 * Errors as values. A function that can fail returns struct err *, NULL means
 * done. Errors live in the arena of whoever asked.
 *
 * `key` names a message of the catalogue (i18n/), the only text that can reach
 * a person; `arg` fills its "%s" and must never hold another person's data.
 * `detail` is for the operator's log and never holds a personal value.
 *
 * NOT_FOUND and BUSY are never merged: an outage must not read as "no such".
 */
#ifndef PRAYA_ERR_H
#define PRAYA_ERR_H

#include "arena.h"

enum err_kind {
	ERR_INTERNAL = 0,    /* 500 a bug or a broken environment */
	ERR_BAD_REQUEST,     /* 400 malformed: cannot be read at all */
	ERR_UNAUTHENTICATED, /* 401 */
	ERR_CODE_NEEDED,     /* 401 the password is right, the second step is to come */
	ERR_DENIED,          /* 403 */
	ERR_ENROL,           /* 403 set up the second step first */
	ERR_VERIFY,          /* 403 prove who you are once more */
	ERR_NOT_FOUND,       /* 404 absent, or invisible to this principal */
	ERR_METHOD,          /* 405 */
	ERR_CONFLICT,        /* 409 the state of the record does not allow it */
	ERR_GONE,            /* 410 */
	ERR_STALE,           /* 412 If-Match names an older version */
	ERR_TOO_LARGE,       /* 413 */
	ERR_MEDIA_TYPE,      /* 415 */
	ERR_INVALID,         /* 422 readable, refused; fields say where */
	ERR_VERSION_NEEDED,  /* 428 If-Match is missing */
	ERR_TOO_MANY,        /* 429 slow down */
	ERR_BUSY,            /* 503 try later: database away, lock, serialization */
	ERR_KIND_MAX
};

struct err_field {
	const char *name; /* the field's name as the outside knows it */
	const char *key;
	const char *arg;
	struct err_field *next;
};

struct err {
	enum err_kind kind;
	const char *key;
	const char *arg;
	const char *detail;
	struct err_field *fields;
	const char *file;
	int line;
};

/* key NULL means the standard message of the kind. */
struct err *err_make(struct arena *a, enum err_kind kind, const char *key, const char *arg,
	const char *file, int line) ATTR_WARN_UNUSED;
struct err *err_detail(struct arena *a, enum err_kind kind, const char *file, int line,
	const char *fmt, ...) ATTR_PRINTF(5, 6) ATTR_WARN_UNUSED;

/* An error that is made is one: the analyser, which sees a file at a time, is
 * told so, or it would follow TRY() where nothing failed and nothing was filled. */
static inline struct err *
err_sure(struct err *e)
{
	if (e == NULL)
		__builtin_unreachable();
	return e;
}

/* An error with a key of the catalogue. */
#define err_new(a, kind, key) err_arg((a), (kind), (key), NULL)
#define err_arg(a, kind, key, arg) err_sure(err_make((a), (kind), (key), (arg), __FILE__, __LINE__))
/* An internal error with text for the operator only. */
#define err_internal(a, ...) \
	err_sure(err_detail((a), ERR_INTERNAL, __FILE__, __LINE__, __VA_ARGS__))
#define err_busy(a, ...) err_sure(err_detail((a), ERR_BUSY, __FILE__, __LINE__, __VA_ARGS__))

void
err_put_field(struct arena *a, struct err **e, const char *name, const char *key, const char *arg);

/* No room on a disk; what: which one, for the operator. */
#define err_no_space(a, what) err_sure(err_full((a), (what), __FILE__, __LINE__))
struct err *err_full(struct arena *a, const char *what, const char *file, int line);

/* Adds "field: message" to *e, making an ERR_INVALID when *e is NULL. */
static inline void
err_add_field(struct arena *a, struct err **e, const char *name, const char *key, const char *arg)
{
	err_put_field(a, e, name, key, arg);
	*e = err_sure(*e);
}

/* The HTTP status of a kind, and its name ("not_found") for messages and logs. */
int err_status(enum err_kind kind);
const char *err_name(enum err_kind kind);

/* Returns from the caller when the expression yields an error. */
#define TRY(expr) \
	do { \
		struct err *try_err_ = (expr); \
		if (try_err_ != NULL) \
			return try_err_; \
	} while (0)

#endif
