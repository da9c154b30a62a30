/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "praya";
static char context[256];
static bool quieted;

void
log_init(const char *name)
{
	program = name;
}

void
log_context(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
}

void
log_context_clear(void)
{
	context[0] = '\0';
}

void
log_quiet(bool quiet)
{
	quieted = quiet;
}

static void emit(const char *level, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);

/* One write(2) a line, so that lines of several processes never mix. */
static void
emit(const char *level, const char *fmt, va_list ap)
{
	char line[1400];
	size_t n;
	int k;

	k = snprintf(
		line, sizeof(line), "%s %s%s%s: ", level, program, context[0] ? " " : "", context);
	n = k < 0 ? 0 : (size_t)k;
	k = vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	if (k > 0)
		n += (size_t)k < sizeof(line) - n - 1 ? (size_t)k : sizeof(line) - n - 2;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

#define EMIT(level) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		emit(level, fmt, ap); \
		va_end(ap); \
	} while (0)

void
log_info(const char *fmt, ...)
{
	if (quieted)
		return;
	EMIT("info");
}

void
log_warn(const char *fmt, ...)
{
	EMIT("warning");
}

void
log_error(const char *fmt, ...)
{
	EMIT("error");
}

void
log_fatal(const char *fmt, ...)
{
	EMIT("fatal");
	_exit(1);
}

void
log_panic(const char *file, int line, const char *what)
{
	log_error("panic at %s:%d: %s", file, line, what);
	_exit(70);
}
