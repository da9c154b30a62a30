/* SPDX-License-Identifier: ISC */
/*
 * Reading everything that is held on one person, in full and piece by piece:
 * for exports and for answers to the person. Every piece writes its event
 * ("export", with the records and fields) in the statement that reads it.
 */
#ifndef PRAYA_RECORD_EXPORT_H
#define PRAYA_RECORD_EXPORT_H

#include "record.h"

/* Where the last piece ended; zero: at the beginning. */
struct record_cursor {
	char value[64];
	int64_t id;
	bool ended;
};

/* The next piece of the contact itself or of its children, in the order of
 * their lists, archived ones too: at most `limit` records and no more than a
 * few megabytes of text. Fields that are switched off are read as well when
 * they hold a column; sealed ones come open. References have their labels.
 * cx->principal sees everything (principal_system). Does not commit. BUSY while
 * a field is being sealed or opened. */
struct err *record_export(const struct record_ctx *cx, enum entity e, int64_t contact_id,
	int64_t limit, struct record_cursor *cursor, struct record_page *page_r);

/* How many there are of each entity for the person, itself included. */
struct err *
record_export_counts(const struct record_ctx *cx, int64_t contact_id, int64_t counts_r[ENTITY_MAX]);

/*
 * Records of a list. Which ones is fixed first, in table export_record; they are
 * read by its numbers then, so that nothing comes in that was not counted.
 */

/* To fix more would take longer than a statement may. */
#define RECORD_EXPORT_MAX 500000

/* Puts what the question finds within the right to export into the rows of that
 * export, in the order of the list: no person who is erased or whose data are
 * disputed; no more than RECORD_EXPORT_MAX and one. Errors as of record_list();
 * `after` and `limit` are not looked at. */
struct err *record_export_fix(const struct record_ctx *cx, const struct record_query *q,
	int64_t export_id, int64_t *count_r);

/* Of these fields the ones that the principal sees, and which of them are open;
 * in the order of the catalogue. n 0: all there are. */
struct layout *record_export_layout(const struct record_ctx *cx, enum entity e,
	const char *const *names, size_t n, const char *const *opened, size_t nopened);

/* Does the right to export reach every record of this export's file still? */
struct err *record_export_reached(const struct record_ctx *cx, enum entity e, int64_t export_id,
	bool *yes_r) ATTR_WARN_UNUSED;

/* The next piece behind number *after, which moves on; at its end page_r->n is 0.
 * What has gone out of sight since is not in it, and noted so. Fields that are disputed are empty.
 * Writes its event. References to disputed people have no label. Does not commit. */
struct err *record_export_piece(const struct record_ctx *cx, struct layout *l, int64_t export_id,
	const char *const *opened, size_t nopened, int64_t *after, struct record_page *page_r);

#endif
