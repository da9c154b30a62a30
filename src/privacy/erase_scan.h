/* SPDX-License-Identifier: ISC */
/* Where the scan looks. Each piece is a transaction of its own. */
#ifndef PRAYA_ERASE_SCAN_H
#define PRAYA_ERASE_SCAN_H

#include "erase_needles.h"
#include "run.h"

struct scan {
	struct job_run *run;
	int64_t contact_id;
	struct needles needles;
	const struct catalogue *cat;
	struct json_object *remains; /* [{entity, id}] */
	int64_t passed, last;        /* numbers of records: looked at, in all */
};

#define SCAN_REMAINS 200

/* Texts of other records: found ones go into s->remains, for a person to decide. */
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
