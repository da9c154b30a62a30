/* SPDX-License-Identifier: ISC */
/*
 * Jobs of custom fields: rows of bin/jobs.c. Arguments: entity and field (its
 * name); field_seal also column, the one that takes over.
 */
#ifndef PRAYA_FIELD_JOB_H
#define PRAYA_FIELD_JOB_H

#include "run.h"

/* "field_add": column and index, then the field is live. */
struct err *field_add_step(struct job_run *run);
/* "field_drop": values to null piece by piece, then column and field are gone. */
struct err *field_drop_step(struct job_run *run);
/* "field_seal": encrypts a field's values, or decrypts them. */
struct err *field_seal_step(struct job_run *run);
/* It did not work: the field is what it was. */
void field_seal_failed(struct job_run *run, struct tx *tx, const char *key);

#endif
