/* SPDX-License-Identifier: ISC */
/*
 * An export of the audit log, as a ZIP:
 *
 *	log-E12.csv (or .jsonl)  the events that the filter finds, newest first
 *	manifest.json            SHA-256 and size of every entry
 *
 * It is what its asker sees, up to the moment it was asked for. Values before and after
 * a change are not in it, so an erasure need not look for them there.
 */
#ifndef PRAYA_AUDIT_EXPORT_H
#define PRAYA_AUDIT_EXPORT_H

#include "run.h"

/* The job "log_export", args {"export": id}. */
struct err *audit_export_step(struct job_run *run);

#endif
