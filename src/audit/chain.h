/* SPDX-License-Identifier: ISC */
/*
 * The chain over the log (table audit_seal): each link covers the events of a stretch
 * of transactions in one month, by a digest of all that stands in them (old values as
 * they are encrypted, so that an erasure changes nothing), and the head of the link
 * before it. Heads are signed and published outside of the workspace (tenant/head.h).
 *
 * A stretch ends before the oldest transaction that is still under way: number and time
 * of an event say nothing about when it came to be seen. What is younger is not covered
 * yet. A restored database begins a new generation (chain_resume()): its transactions
 * may have numbers that were there before.
 */
#ifndef PRAYA_CHAIN_H
#define PRAYA_CHAIN_H

#include "head.h"
#include "tx.h"

/* No transaction has this number: to the end of a generation. */
#define XID_END "18446744073709551615"

struct seal {
	int64_t id;
	const char *kind; /* "events", "month", "loss", "start" */
	int64_t generation;
	const char *from, *to; /* numbers of transactions */
	const char *month;     /* "2026-11-01", or NULL */
	int64_t events;
	int64_t total;
	int64_t at; /* microseconds */
	unsigned char digest[HEAD_BYTES];
	unsigned char head[HEAD_BYTES];
	unsigned char signature[SIGN_BYTES];
};

/* Columns of a link as chain_row() reads them, in this order. */
#define SEAL_COLUMNS \
	"seal_id, kind, generation, xid_from::text, xid_to::text, to_char(month, 'YYYY-MM-DD'), " \
	"events, total, (extract(epoch from at) * 1000000)::bigint, digest, head, signature "

struct chain {
	struct tenancy *tenancy;
	const struct tenant *tenant;
	struct arena *a;
	struct head_key key;
	struct head published[2];
	size_t npublished;
	struct seal last; /* all zero before the first one */
	int64_t now;      /* microseconds: of the transaction */
	bool behind;      /* a published head is ahead of it */
};

/* At the end of the chain, alone until the transaction ends. The caller calls
 * chain_close() on every path, for the key. */
struct err *chain_open(struct chain *ch, struct tenancy *t, const struct tenant *tn,
	struct arena *a, struct tx *tx) ATTR_WARN_UNUSED;
/* Queues one link more: id (unless it is set), total, time, head and signature are filled in. */
void chain_add(struct chain *ch, struct tx *tx, struct seal *s);
/* After the commit. What is not published now is with the next link. */
struct err *chain_publish(struct chain *ch) ATTR_WARN_UNUSED;
void chain_close(struct chain *ch);

void chain_row(struct arena *a, const struct rows *r, size_t i, struct seal *s);
/* The head of a link behind that one. */
void chain_head(struct arena *a, const unsigned char before[HEAD_BYTES], const struct seal *s,
	unsigned char out[HEAD_BYTES]);
struct head chain_head_of(const struct seal *s);

/* Whose database, with the owner's rights (tenant_conn_migrate()): the log's policies, which
 * ask about every person in an event, would take longer than all the rest. kind: what its
 * transactions say they are. */
struct chain_run {
	struct tenancy *tenancy;
	const struct tenant *tenant;
	struct arena *a;
	struct conn *conn;
	const char *kind;  /* "worker", "cli" */
	const char *route; /* of its events */
	int64_t added;     /* chain_seal(): events that were covered, in all */
};

enum chain_state {
	CHAIN_WHOLE,  /* everything that can be is covered */
	CHAIN_MORE,   /* some of it: call again */
	CHAIN_BEHIND, /* a published head is ahead: events are lost, nothing was done */
	CHAIN_MOVED,  /* transactions of the last link are still to come: another cluster */
};

/* Covers what is over, some thousands of events at a time, each time durably. */
struct err *chain_seal(struct chain_run *run, enum chain_state *state_r) ATTR_WARN_UNUSED;
/* chain_seal(), until all of it is, or so many pieces. */
struct err *
chain_seal_all(struct chain_run *run, int pieces, enum chain_state *state_r) ATTR_WARN_UNUSED;
/* The first links of a workspace that was made out of a backup, where they are still to come. */
struct err *chain_take_over(struct chain_run *run) ATTR_WARN_UNUSED;
/* After a restore or a move: what published heads say is lacking is recorded, what the
 * restored database has is covered to its end, a new generation begins. *lost_r: so many events;
 * -1: there was no need. */
struct err *chain_resume(struct chain_run *run, int64_t *lost_r) ATTR_WARN_UNUSED;

/* Digests of stretches by month, for whoever covers them: rows of number
 * of the stretch (from 1), partition, events, digest. Parameters: generations (bigint[]),
 * from and to (text[]). */
extern const struct stmt *const chain_digests;

#endif
