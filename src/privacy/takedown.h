/* SPDX-License-Identifier: ISC */
/*
 * Notices to cease disclosure (Cap. 486 s.66M), and requests like them: what is to be
 * taken down, by when, and what was. A message or file that is taken down is out of
 * sight for everybody at once: policies show it to nobody. Its copy is kept as evidence,
 * under a key of its own, until its person is erased.
 */
#ifndef PRAYA_TAKEDOWN_H
#define PRAYA_TAKEDOWN_H

#include "record.h"

extern const struct route takedown_routes[];

#endif
