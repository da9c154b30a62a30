/* SPDX-License-Identifier: ISC */
/*
 * Text of any encoding into UTF-8.
 *
 * What a mail says of its encoding is tried first, strictly; then UTF-8, which
 * mail often is without saying so. What says nothing is taken for UTF-8, then
 * Big5 with Hong Kong's characters, then GB18030, whichever fits every byte.
 * What fits nothing is read leniently, a U+FFFD for each byte that does not.
 */
#ifndef PRAYA_CHARSET_H
#define PRAYA_CHARSET_H

#include "arena.h"

/* charset NULL or unknown: nothing is said. The result is valid UTF-8 without
 * NUL, whatever came in. */
const char *charset_text(struct arena *a, const char *p, size_t n, const char *charset);

#endif
