/* SPDX-License-Identifier: ISC */
/*
 * Hex, and base64 without padding in both alphabets, into memory of the caller's.
 * Not for other rooms, which use the arena functions of token.h.
 */
#ifndef PRAYA_ENCODING_H
#define PRAYA_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

/* Lower case. out: 2 * n + 1 bytes; NUL-terminated. */
void hex_write(const void *p, size_t n, char *out);
/* Exactly n bytes from 2 * n digits of either case. */
bool hex_read(const char *s, size_t n, unsigned char *out);

/* The two alphabets differ in their last two characters. */
#define BASE64_URL "-_"
#define BASE64_STD "+/"

/* Characters for n bytes, and most bytes that n characters can hold. */
#define BASE64_CHARS(n) (((n)*4 + 2) / 3)
#define BASE64_BYTES(n) ((n) / 4 * 3 + 2)

/* out: BASE64_CHARS(n) + 1 bytes; NUL-terminated. */
void base64_write(const char *last, const void *p, size_t n, char *out);
/* Strict: no padding, no blanks, unused bits zero, so one value has one
 * spelling. out: BASE64_BYTES(n) bytes, written even when the text is refused. */
bool base64_read(const char *last, const char *s, size_t n, unsigned char *out, size_t *n_r);

#endif
