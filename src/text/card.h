/* SPDX-License-Identifier: ISC */
/*
 * Payment card numbers: 13 to 19 digits, full-width ones too, up to three blanks
 * and hyphens between them, passing the Luhn check, not all the same digit, in
 * a range that an issuer uses and of a length that goes with it. Telephone
 * lists and order numbers are digits too; a number that stands beside others is
 * a card only when it is grouped like one.
 */
#ifndef PRAYA_CARD_H
#define PRAYA_CARD_H

#include <stdbool.h>

/* True when the text holds such a number anywhere (not inside a longer run of digits). */
bool card_found(const char *text);

#endif
