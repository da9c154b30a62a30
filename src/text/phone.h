/* SPDX-License-Identifier: ISC */
/*
 * Telephone numbers: stored as E.164, shown grouped. Without a country code a
 * number is Hong Kong's when it has eight digits and starts with 2 to 9, or is
 * toll-free (800 and six digits); 852 may stand before it without "+".
 */
#ifndef PRAYA_PHONE_H
#define PRAYA_PHONE_H

#include <stdbool.h>

#define PHONE_SIZE 17 /* "+" 15 digits NUL */
#define PHONE_SHOWN 24

/* Accepts blanks, hyphens, dots, parentheses, full-width digits, "+", "00", and
 * drops "(0)" after a country code; Hong Kong's "001" style is refused. False:
 * not a number we can dial; out is left alone. */
bool phone_normalise(const char *in, char out[PHONE_SIZE]);
/* "+85291234567" -> "+852 9123 4567"; other countries in groups of four
 * after their code. What is not E.164 comes out as it is, cut to size. */
void phone_show(const char *e164, char out[PHONE_SHOWN]);
/* True when the text is only digits and phone punctuation, with at least three
 * digits: a search for a phone. out gets the bare digits (size bytes), without
 * a leading "00" of a long number. False leaves out undefined. */
bool phone_search_digits(const char *in, char *out, unsigned size);

#endif
