/* SPDX-License-Identifier: ISC */
/*
 * What people of the operator did at their own host: kept thirteen months in the region's
 * database, added to and never changed. Sign-outs, requests and accounts are written with
 * what they are about (operator.c).
 */
#ifndef PRAYA_OPERATOR_EVENT_H
#define PRAYA_OPERATOR_EVENT_H

#include "tenant.h"
#include "tx.h"

struct operator_event {
	int64_t at;        /* microseconds */
	const char *kind;  /* added, removed, sign_in, failed, sign_out, asked, offered, entered */
	const char *email; /* NULL: nobody has the address that was tried */
	const char *ip;    /* NULL: at the command line, or in a workspace */
	const char *slug;  /* the workspace's name as it was asked for; NULL: about none */
};

/* Queued. operator_id 0: nobody; ip NULL, case_id 0: none. */
void operator_event_add(
	struct tx *tx, int64_t operator_id, const char *kind, const char *ip, int64_t case_id);
/* By itself. */
struct err *operator_event_now(struct tenancy *t, struct arena *a, int64_t operator_id,
	const char *kind, const char *ip, int64_t case_id) ATTR_WARN_UNUSED;
/* The newest, newest first. */
struct err *operator_events(struct tenancy *t, struct arena *a, int64_t last,
	struct operator_event **list_r, size_t *n_r) ATTR_WARN_UNUSED;

#endif
