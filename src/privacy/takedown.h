/* SPDX-License-Identifier: ISC */
/*
 * Notices to cease disclosure (Cap. 486 s.66M), and requests like them: what is to be
 * taken down, by when, and what was. A message, note or file that is taken down is out of
 * sight for everybody at once: policies show it to nobody, the log shows no value of it, and
 * files that were made of it before cannot be fetched any more. Its copy is kept as
 * evidence, under a key of its own, until its person is erased.
 */
#ifndef PRAYA_TAKEDOWN_H
#define PRAYA_TAKEDOWN_H

#include "record.h"

extern const struct route takedown_routes[];
extern const struct route takedown_item_routes[];

#endif
