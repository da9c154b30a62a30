/* SPDX-License-Identifier: ISC */
/*
 * Where the scan looks, for one erased person or for many who were erased in a row: every
 * table is read once for all of them. Each piece is a transaction of its own.
 */
#ifndef PRAYA_ERASE_SCAN_H
#define PRAYA_ERASE_SCAN_H

#include "erase_needles.h"
#include "run.h"

/* Whom it is about. */
struct scanned {
	int64_t erasure, contact_id;
	struct needles needles;
	struct json_object *remains; /* [{entity, id}] */
};

struct scan {
	struct job_run *run;
	struct scanned *people;
	size_t n;
	struct needles all; /* of all of them */
	struct needle_index *index;
	const struct catalogue *cat;
	int64_t passed, last; /* numbers of records: looked at, in all */
};

#define SCAN_REMAINS 200

/* One more thing that holds something of the person, named once. */
void scan_found(struct scanned *p, const char *entity, int64_t id);

/* Texts of other records: found ones go into remains, for a person to decide. */
struct err *scan_records(struct scan *s);
/* Texts of incidents and of notices to take down: the same. */
struct err *scan_texts(struct scan *s);
/* Mails that wait to be sent: the same. */
struct err *scan_outbox(struct scan *s);
/* What imports still hold of rows is a copy that nobody needs: rows that were
 * refused go, the first rows of files are forgotten, a file that waits to be
 * run is destroyed. None may be on its way. */
struct err *scan_imports(struct scan *s);

#endif
