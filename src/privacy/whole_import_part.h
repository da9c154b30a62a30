/* SPDX-License-Identifier: ISC */
/* Between the files of whole_import.h: what was read and found good (whole_volumes.c), and
 * what it is put into (whole_import.c). */
#ifndef PRAYA_WHOLE_IMPORT_PART_H
#define PRAYA_WHOLE_IMPORT_PART_H

#include "unpack.h"
#include "whole_import.h"
#include "whole_part.h"

struct whole_import {
	struct arena *a, *piece;
	struct unpack **volumes;
	size_t n;
	const char *const *public; /* keys that may have signed it, in hex */
	size_t npublic;
	int64_t newest; /* schema that can be read */
	struct json_object *manifest, *schema;
	/* While it runs. */
	struct tenancy *t;
	const struct tenant *tn;
	struct conn *conn;
	struct rows *columns;
	struct record_ctx cx;
	struct seal_key *keys; /* in order of id */
	size_t nkeys, room;
	struct whole_imported *out;
};

/* INVALID error.archive, with why as its detail. */
struct err *whole_refuse(const struct whole_import *wi, const char *why);
/* NULL: there was none of that number. */
const struct seal_key *whole_key(const struct whole_import *wi, int64_t id);
/* The bytes of the file that a row names. */
struct err *whole_put_file(struct whole_import *wi, const struct whole_kind *kind,
	struct json_object *row) ATTR_WARN_UNUSED;
/* "" and 0 when there is none, or another type. */
const char *whole_text(struct json_object *o, const char *name);
int64_t whole_number(struct json_object *o, const char *name);

#endif
