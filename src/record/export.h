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

#endif
