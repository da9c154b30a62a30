/* SPDX-License-Identifier: ISC */
/* Payment card numbers: 13 to 19 digits, blanks and hyphens between them
 * allowed, passing the Luhn check and not all the same digit. */
#ifndef PRAYA_CARD_H
#define PRAYA_CARD_H

#include <stdbool.h>

/* True when the text holds such a number anywhere (not inside a longer run of digits). */
bool card_found(const char *text);

#endif
