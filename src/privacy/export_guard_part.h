/* SPDX-License-Identifier: ISC */
/* Exports from the asking to the job. Of export_guard.c and export_decide.c only. */
#ifndef PRAYA_EXPORT_GUARD_PART_H
#define PRAYA_EXPORT_GUARD_PART_H

#include "export_guard.h"

bool export_is_person(const char *kind);
/* What all of it comes to, of what has no list; NULL: it has. */
const struct stmt *export_counted_by(const char *kind);
/* Whose right to export the job asks of its asker all the while; "": a special right. */
const char *export_entity(enum entity e);
/* A text of the row of table `export`, sealed for this place: note, query, secret. NULL: none. */
const char *
export_text_open(const struct record_ctx *cx, const char *what, int64_t id, struct bytes sealed);
/* The job that makes it; what is being made already is not made twice. */
struct err *
export_start_job(const struct record_ctx *cx, int64_t id, const char *kind, const char *entity,
	int64_t contact, int64_t user, const char *password, int64_t *job_r) ATTR_WARN_UNUSED;
void export_log(const struct record_ctx *cx, int64_t id, int64_t contact, const char *reason,
	int64_t count);

#endif
