/* SPDX-License-Identifier: ISC */
#include "sb.h"

#include <stdio.h>
#include <string.h>

void
sb_init(struct sb *sb, struct arena *a, size_t max)
{
	sb->a = a;
	sb->n = 0;
	sb->max = max;
	sb->full = false;
	sb->cap = max < 255 ? max + 1 : 256;
	sb->p = arena_alloc(a, sb->cap);
}

static bool
sb_room(struct sb *sb, size_t n)
{
	size_t cap = sb->cap;
	char *p;

	if (sb->full || n > sb->max - sb->n) {
		sb->full = true;
		return false;
	}
	if (sb->n + n + 1 <= cap)
		return true;
	while (cap < sb->n + n + 1)
		cap *= 2;
	p = arena_alloc(sb->a, cap);
	memcpy(p, sb->p, sb->n);
	sb->p = p;
	sb->cap = cap;
	return true;
}

void
sb_add(struct sb *sb, const void *p, size_t n)
{
	if (n == 0 || !sb_room(sb, n))
		return;
	memcpy(sb->p + sb->n, p, n);
	sb->n += n;
	sb->p[sb->n] = '\0';
}

void
sb_puts(struct sb *sb, const char *s)
{
	sb_add(sb, s, strlen(s));
}

void
sb_putc(struct sb *sb, char c)
{
	sb_add(sb, &c, 1);
}

/* Nearly always there is room, and the text is made only once. */
void
sb_printf(struct sb *sb, const char *fmt, ...)
{
	size_t room = sb->cap - sb->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(sb->p + sb->n, room, fmt, ap);
	va_end(ap);
	if (n <= 0 || !sb_room(sb, (size_t)n)) {
		sb->p[sb->n] = '\0';
		return;
	}
	if ((size_t)n >= room) {
		va_start(ap, fmt);
		vsnprintf(sb->p + sb->n, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	sb->n += (size_t)n;
}

bool
sb_ok(const struct sb *sb)
{
	return !sb->full;
}

void
sb_clear(struct sb *sb)
{
	sb->n = 0;
	sb->full = false;
	sb->p[0] = '\0';
}
