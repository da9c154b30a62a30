/* SPDX-License-Identifier: ISC */
/*
 * An export of a list, as a ZIP:
 *
 *	contacts-E12.csv   (or .jsonl) the records, as our own import reads them back
 *	export-note.txt    who took them out, when, why, who approved; both languages
 *	manifest.json      SHA-256 and size of every entry
 *
 * Every record carries the export's code ("export", last), so that one that turns
 * up elsewhere names its way out. It is made on behalf of whoever asked, with what
 * that user sees at that moment, never more than was fixed when it was asked for.
 * A masked field's column is called "hkid~": it is no value to be read back. Users
 * are called by their address, companies by their name, as the import wants it.
 * Memory is that of one piece.
 */
#ifndef PRAYA_LIST_EXPORT_H
#define PRAYA_LIST_EXPORT_H

#include "record.h"
#include "run.h"

/* The job "list_export", args {"export": id}. */
struct err *list_export_step(struct job_run *run);

/* May the principal still read all that its file holds, and as openly, and does the right to
 * export still reach each record of it? *key_r: NULL, or why not. */
struct err *list_export_readable(
	const struct record_ctx *cx, int64_t export_id, const char **key_r) ATTR_WARN_UNUSED;

#endif
