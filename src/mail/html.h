/* SPDX-License-Identifier: ISC */
/* HTML of a mail reduced to the text a person would read in it. */
#ifndef PRAYA_HTML_H
#define PRAYA_HTML_H

#include "arena.h"

/* html: valid UTF-8. Tags, comments, styles and scripts are dropped, blocks
 * begin a line, list items get a hyphen, entities become characters. Never
 * fails; the result is never longer than its input and a few bytes. */
const char *html_text(struct arena *a, const char *html);

#endif
