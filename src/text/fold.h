/* SPDX-License-Identifier: ISC */
/*
 * Text as Chinese keyboards and copied pages give it, read as ASCII. Not for
 * other rooms.
 */
#ifndef PRAYA_FOLD_H
#define PRAYA_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/* What has no ASCII form; no text holds it otherwise. */
#define FOLD_OTHER '\x7f'

/* Reads one character of NUL-terminated text and moves on; '\0' at the end
 * (and stays there). Full-width forms become ASCII, blanks of any width,
 * no-break blanks, tabs and invisible marks become ' ', dashes become '-'. All
 * else, bytes that are not UTF-8 included, is FOLD_OTHER. */
char fold_next(const char **p);

/* The same for a whole text, keeping what has no ASCII form. out: strlen(in) + 1
 * bytes; may not be `in`. */
void fold_copy(const char *in, char *out);

/* A blank of any kind, as in ' ', no-break and full-width, and fillers. Not line breaks. */
bool fold_is_blank(uint32_t cp);
/* Takes no room on a page and only hides things: zero-width blanks, direction
 * marks and overrides, byte order marks, annotations, tags. Not joiners and variation
 * selectors, which change what is seen. */
bool fold_is_invisible(uint32_t cp);
/* A joiner or variation selector: nothing by itself. */
bool fold_is_joiner(uint32_t cp);

static inline bool
fold_digit(char c)
{
	return c >= '0' && c <= '9';
}

#endif
