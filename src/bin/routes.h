/* SPDX-License-Identifier: ISC */
#ifndef PRAYA_ROUTES_H
#define PRAYA_ROUTES_H

#include "gate.h"

/* Every route table, NULL at the end: one line a slice. */
extern const struct route *const praya_routes[];
/* What record/ does for the gate. */
extern const struct gate_hooks praya_hooks;

#endif
