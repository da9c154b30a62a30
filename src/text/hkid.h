/* SPDX-License-Identifier: ISC */
/*
 * Hong Kong identity card numbers: one or two letters, six digits, a check
 * character in parentheses. The algorithm is public but not official, so a
 * wrong check character is a warning that an authorised user may override.
 */
#ifndef PRAYA_HKID_H
#define PRAYA_HKID_H

#include <stdbool.h>

#define HKID_SIZE 12 /* "AB123456(9)" and NUL */

enum hkid_result { HKID_VALID, HKID_BAD_CHECK, HKID_MALFORMED };

/* Full-width forms to ASCII, upper case, blanks and hyphens dropped,
 * parentheses optional. out holds "A123456(3)" unless MALFORMED. Look-alikes
 * (letter O for 0, a Cyrillic A) are malformed. */
enum hkid_result hkid_normalise(const char *in, char out[HKID_SIZE]);
/* The first half of the alphanumerics shown, through the middle one when odd:
 * A123456(3) -> A123XXX(X). What is not normalised is hidden whole. */
void hkid_mask(const char *in, char out[HKID_SIZE]);

#endif
