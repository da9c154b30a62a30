/* SPDX-License-Identifier: ISC */
/*
 * String builder with a maximum.
 *
 * The text lives in the arena and is always NUL-terminated. There is no
 * builder without a maximum: going over it marks the builder as full, later
 * additions do nothing, and sb_ok() says so. Callers check once, at the end.
 */
#ifndef PRAYA_SB_H
#define PRAYA_SB_H

#include "arena.h"

struct sb {
	struct arena *a;
	char *p;
	size_t n;
	size_t cap;
	size_t max;
	bool full;
};

void sb_init(struct sb *sb, struct arena *a, size_t max);
void sb_add(struct sb *sb, const void *p, size_t n);
void sb_puts(struct sb *sb, const char *s);
void sb_putc(struct sb *sb, char c);
void sb_printf(struct sb *sb, const char *fmt, ...) ATTR_PRINTF(2, 3);
bool sb_ok(const struct sb *sb);
/* Back to empty; memory is kept. */
void sb_clear(struct sb *sb);

#endif
