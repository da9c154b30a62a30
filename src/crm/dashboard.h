/* SPDX-License-Identifier: ISC */
/* The first page: what waits for the reader, and a few numbers. */
#ifndef PRAYA_DASHBOARD_H
#define PRAYA_DASHBOARD_H

#include "pages.h"

extern const struct route dashboard_routes[];

#endif
