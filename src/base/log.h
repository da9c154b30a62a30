/* SPDX-License-Identifier: ISC */
/*
 * Operator's log: one line a record on stderr, "level key=value ... message".
 *
 * Never pass personal data: no URL, parameter, column value or file name. The
 * context (request id, route, workspace id) is set once and repeated by every
 * line. Control characters are made visible.
 *
 * log_fatal: the environment is unusable; logs and exits with status 1.
 * log_panic: a bug in Praya; logs and exits with status 70. Both flush. The
 * supervisor starts another process. Library code calls neither for anything
 * that input can cause.
 */
#ifndef PRAYA_LOG_H
#define PRAYA_LOG_H

#include "arena.h"

void log_init(const char *program);
/* Copied, truncated at 200 bytes. NULL clears. */
void log_context(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_context_clear(void);
/* Leaves out what is only information, until told otherwise. */
void log_quiet(bool quiet);

void log_info(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_warn(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_error(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_fatal(const char *fmt, ...) ATTR_PRINTF(1, 2) __attribute__((noreturn));
void log_panic(const char *file, int line, const char *what) __attribute__((noreturn));

/* Always compiled in. A failure is a bug, never bad input. */
#define ASSERT(cond) \
	do { \
		if (!(cond)) \
			log_panic(__FILE__, __LINE__, #cond); \
	} while (0)

#endif
