/* SPDX-License-Identifier: ISC */
/* Companies: records without a person's key; their data is not personal. */
#ifndef PRAYA_COMPANY_H
#define PRAYA_COMPANY_H

#include "pages.h"

extern const struct route company_routes[];
extern const struct entity_hooks company_hooks;

#endif
