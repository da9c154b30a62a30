/* SPDX-License-Identifier: ISC */
/*
 * Is the log whole? Every event that is covered is read again and compared with its
 * link of the chain, every link with the one before it, and the chain with the heads
 * that were published: in the region's database, in the file outside of the cluster,
 * and in any file that somebody kept. In constant memory, in pieces.
 *
 * Found is what was changed, taken out or put in behind Praya's back, a month that is
 * missing or went before its time, a link that was changed, a head that is forged, and
 * an end that was cut off. An erasure and a month that went in its time are not.
 */
#ifndef PRAYA_CHECK_H
#define PRAYA_CHECK_H

#include <json-c/json.h>

#include "chain.h"

struct audit_check {
	struct chain_run run;
	const char *const *lines; /* heads from elsewhere, head_line()s */
	size_t nlines;
	/* Called between pieces; an error ends the check. NULL: nobody waits. */
	struct err *(*beat)(void *ctx, int64_t done, int64_t total);
	void *ctx;

	/* What came of it. */
	int64_t seals;    /* links */
	int64_t events;   /* compared */
	int64_t unsealed; /* younger than the last link: not covered yet */
	int64_t gone;     /* months that went in their time */
	int64_t lost;     /* events that restores lost, as recorded */
	int64_t at;       /* of the last link; 0: there is none */
	const char *head; /* its line; NULL */
	size_t nfindings;
};

/* Kinds of findings, so many of them: audit.finding.KIND in i18n/. */
#define CHECK_FINDINGS_MAX 100

/* result_r: an object {good, seals, events, unsealed, months_gone, lost, sealed_at, head,
 * findings: [{kind, month, sealed_at, seal, sealed, found, where}], findings_total}. */
struct err *audit_check_run(struct audit_check *c, struct json_object **result_r) ATTR_WARN_UNUSED;

/* Keeps the result for the page, with its event. job 0: none. */
struct err *audit_check_keep(
	struct tx *tx, struct arena *a, int64_t job, struct json_object *result) ATTR_WARN_UNUSED;

#endif
