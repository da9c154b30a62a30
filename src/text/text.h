/* SPDX-License-Identifier: ISC */
/* Small rules on what people type. */
#ifndef PRAYA_TEXT_H
#define PRAYA_TEXT_H

#include "arena.h"

/* Trimmed, inner runs of blanks of any width made one, control characters and
 * invisible marks (direction overrides, zero-width blanks) dropped; with
 * keep_lines, newlines stay (CRLF -> LF) and blanks beside them go. Bytes that
 * are not UTF-8 are dropped. NULL when nothing is left that shows. */
const char *text_clean(struct arena *a, const char *s, bool keep_lines);
/* One @, a dot in the domain, no blanks, at most 254 bytes; the domain in lower
 * case, full-width forms to ASCII. NULL when it is no address. */
const char *text_email(struct arena *a, const char *s);
/* http or https with a host, no blanks, no user part; "https://" is added when
 * the text has no scheme, and the host then needs a dot. Scheme and host in
 * lower case; no quotes, angles or backslashes. NULL when it is no such address. */
const char *text_url(struct arena *a, const char *s);
/* "SURNAME Given Name, English" from its parts; any may be NULL or empty. NULL
 * when all are. */
const char *
text_name_en(struct arena *a, const char *surname, const char *given, const char *english);
/* A file name without path, control characters, leading and trailing dots, with
 * "_" for what some system cannot have in a name; at most 200 bytes, cut at a
 * character before the ending; "file" when nothing is left. */
const char *text_file_name(struct arena *a, const char *s);

#endif
