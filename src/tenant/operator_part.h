/* SPDX-License-Identifier: ISC */
/* What the files about operators share. Not for others. */
#ifndef PRAYA_OPERATOR_PART_H
#define PRAYA_OPERATOR_PART_H

#include "tenant.h"

/* What is sealed under the region's key says where it belongs. */
#define OPERATOR_EMAIL "operator.email"
#define OPERATOR_SLUG "operator_case.slug"

struct err *operator_open(const struct tenant *desk, struct arena *a, const char *place,
	struct bytes sealed, const char **text_r);

#endif
