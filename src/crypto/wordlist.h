/* SPDX-License-Identifier: ISC */
/*
 * The list of common passwords and of the words they are made of: digests, made
 * by scripts/common_passwords out of a Debian package, looked up where they lie.
 */
#ifndef PRAYA_WORDLIST_H
#define PRAYA_WORDLIST_H

#include <stdbool.h>

/* Takes the list of a file, once a process. False: it is missing or is no such
 * list; *why_r (a constant) says what is wrong. */
bool wordlist_load(const char *path, const char **why_r);
/* Is the text, in lower case, on the list? The list must have been loaded. */
bool wordlist_has(const char *text);

#endif
