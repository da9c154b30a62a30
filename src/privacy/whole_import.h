/* SPDX-License-Identifier: ISC */
/*
 * A workspace made again from its own export (whole.h).
 *
 * whole_import_open() reads and checks everything; only then is anything made, by the
 * caller, who hands the empty workspace to whole_import_run(). Numbers, values and files are
 * what they were; encrypted values lie under new keys. Not taken over is what the export
 * leaves out: nobody has a password, and the chain over the log begins anew. A run that was cut
 * off can be repeated.
 */
#ifndef PRAYA_WHOLE_IMPORT_H
#define PRAYA_WHOLE_IMPORT_H

#include "record.h"

struct whole_import;

struct whole_import_in {
	const char *const *paths; /* all volumes of one export, in any order */
	size_t n;
	const char *const *keys; /* of the regions that may have signed it (region_sign.h) */
	size_t nkeys;
	int schema; /* tenancy_schema(): what a later release exported is not read */
};
/* INVALID error.archive: detail says what is wrong. */
struct err *whole_import_open(struct arena *a, const struct whole_import_in *in,
	struct whole_import **wi_r) ATTR_WARN_UNUSED;
/* What the workspace was called. */
const char *whole_import_name(const struct whole_import *wi);

struct whole_imported {
	int64_t rows, files;
};
/* tn is being made: nobody reaches it. */
struct err *whole_import_run(struct whole_import *wi, struct tenancy *t, const struct tenant *tn,
	struct whole_imported *r) ATTR_WARN_UNUSED;

#endif
