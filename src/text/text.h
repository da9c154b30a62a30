/* SPDX-License-Identifier: ISC */
/* Small rules on what people type. */
#ifndef PRAYA_TEXT_H
#define PRAYA_TEXT_H

#include "arena.h"

/* Trimmed, inner runs of blanks made one, control characters dropped; with
 * keep_lines, newlines stay (CRLF -> LF). The text must be valid UTF-8.
 * NULL when nothing is left. */
const char *text_clean(struct arena *a, const char *s, bool keep_lines);
/* One @, a dot in the domain, no blanks, at most 254 bytes; the domain in
 * lower case. NULL when it is no address. */
const char *text_email(struct arena *a, const char *s);
/* http or https with a host, no blanks, no user part; "https://" is added when
 * the text has no scheme. NULL when it is no such address. */
const char *text_url(struct arena *a, const char *s);
/* "SURNAME Given Name, English" from its parts; any may be NULL or empty. */
const char *text_name_en(struct arena *a, const char *surname, const char *given, const char *english);
/* A file name without path, control characters, leading dots; at most 200
 * bytes cut at a character; "file" when nothing is left. */
const char *text_file_name(struct arena *a, const char *s);

#endif
