/* SPDX-License-Identifier: ISC */
#ifndef PRAYA_LEAK_PAGE_H
#define PRAYA_LEAK_PAGE_H

#include "route.h"

extern const struct route leak_routes[];

#endif
