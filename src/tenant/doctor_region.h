/* SPDX-License-Identifier: ISC */
/* The part of the doctor that looks at versions, keys and the worker of a region. Inside tenant/
 * only. */
#ifndef PRAYA_DOCTOR_REGION_H
#define PRAYA_DOCTOR_REGION_H

#include "doctor_machine.h"
#include "tenant.h"

/* Praya's, the server's and those of what is called to back up. */
void doctor_programs(struct findings *to, const struct settings *st, struct conn *admin);
/* Schemas of the region's own databases, and work that no worker takes. */
void doctor_region(struct findings *to, struct tenancy *t);
/* That a database has another schema than this program; slug NULL: not a workspace's. */
void
doctor_schema(struct findings *to, const char *about, const char *slug, int version, int schema);
/* Whatever was cut off and nobody has called again. */
void doctor_unfinished(struct findings *to, struct tenancy *t);
/* Whether the keys of a workspace open, and a rotation of them came to its end. */
void
doctor_keys(struct findings *to, struct tenancy *t, const char *about, const struct tenant *tn);

#endif
