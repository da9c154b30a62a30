/* SPDX-License-Identifier: ISC */
#include "squeeze.h"

#include <stdbool.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* s stands behind "<?cs"; true for var: and call:, which print. */
static bool
prints(const char *s)
{
	while (is_blank(*s))
		s++;
	return strncmp(s, "var", 3) == 0 || strncmp(s, "call", 4) == 0;
}

static bool
is_comment(const char *s)
{
	while (is_blank(*s))
		s++;
	return *s == '#';
}

/* A run of blanks at r: its length, and whether it holds a line break. */
static size_t
blanks(const char *r, bool *breaks_r)
{
	size_t n = 0;

	*breaks_r = false;
	for (; is_blank(r[n]); n++)
		*breaks_r |= r[n] == '\n';
	return n;
}

void
squeeze(char *text)
{
	char *r = text, *w = text;
	bool silent = false; /* a command that prints nothing stands just before */
	bool breaks;

	while (*r != '\0') {
		size_t n = blanks(r, &breaks);

		if (n > 0 && breaks) {
			if (!silent && (w == text || w[-1] != '\n'))
				*w++ = '\n';
			r += n;
		} else if (n > 0) {
			memmove(w, r, n);
			w += n;
			r += n;
			silent = false;
		} else if (strncmp(r, "<?cs", 4) == 0 && is_blank(r[4]) &&
			   strstr(r, "?>") != NULL) {
			n = (size_t)(strstr(r, "?>") + 2 - r);
			silent = !prints(r + 4);
			if (!is_comment(r + 4)) {
				memmove(w, r, n);
				w += n;
			}
			r += n;
		} else {
			*w++ = *r++;
			silent = false;
		}
	}
	*w = '\0';
}
