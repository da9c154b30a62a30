/* SPDX-License-Identifier: ISC */
/* UTF-8: strict decoding (no overlong forms, no surrogates, at most U+10FFFF). */
#ifndef PRAYA_UTF8_H
#define PRAYA_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one code point at p (end excluded). Returns its length in bytes, or
 * 0 when the bytes are not valid UTF-8. */
size_t utf8_next(const char *p, const char *end, uint32_t *cp_r);
/* Writes the code point to out (4 bytes of room); returns the length. */
size_t utf8_put(char *out, uint32_t cp);
/* Valid, and no NUL byte inside. */
bool utf8_valid(const char *p, size_t n);
/* Code points in a valid string. */
size_t utf8_length(const char *s);
/* Han ideographs, including Extension A to H and compatibility forms. */
bool utf8_is_han(uint32_t cp);

#endif
