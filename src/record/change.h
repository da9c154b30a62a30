/* SPDX-License-Identifier: ISC */
/* Between reading a change and writing it. Of record/ only. */
#ifndef PRAYA_CHANGE_H
#define PRAYA_CHANGE_H

#include "record.h"
#include "sqlb.h"

/* INVALID when a reference points to what is not there for this principal. The
 * foreign key alone would tell who exists. Runs what is queued. */
struct err *change_check_references(const struct record_ctx *cx, const struct changes *c);
/* A new contact's full English name out of its parts; INVALID when it has no
 * name at all. */
struct err *change_contact_names(const struct record_ctx *cx, struct changes *c);

#endif
