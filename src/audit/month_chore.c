/* SPDX-License-Identifier: ISC */
/*
 * Months come and go. Every step is a transaction of its own, and each can be cut
 * off: a month is in the log or out of it, and what is out leaves the disk later.
 */
#include "chain.h"
#include "event.h"
#include "log.h"
#include "month.h"

/* Each waits for a fifth of a second at most (audit_retire()), and between two of
 * them whoever writes events goes on. */
#define ATTEMPTS 10

STMT(look, "chore.audit_months", 0, "select audit_ensure_ahead(), audit_notice()");
STMT(due, "chore.audit_due", 0, "select to_char(audit_due(), 'YYYY-MM-DD')");
STMT(retire, "chore.audit_retire", 1, "select audit_retire($1::date)");
STMT(sweep, "chore.audit_sweep", 0, "select audit_sweep()");
STMT(next, "chore.audit_next", 0, "select audit_next()");

static struct err *
one(struct job_run *run, const struct stmt *s, struct vals vals, struct rows **rows_r)
{
	struct tx *tx;

	TRY(chore_begin(run, run->kind, &tx));
	TRY(tx_query(tx, s, vals, rows_r));
	TRY(tx_commit(tx));
	run->tx = NULL;
	return NULL;
}

/* It goes with a link of the chain that says so. */
static struct err *
retire_in(struct job_run *run, struct chain *ch, struct tx *tx, const char *month, bool *gone_r)
{
	struct audit_event ev = {
		.action = "retention", .entity = "audit", .reason = "month_dropped"};
	struct seal s = {.kind = "month", .month = month};
	struct rows *r;

	*gone_r = false;
	TRY(chain_open(ch, run->tenancy, run->tenant, run->a, tx));
	if (!ch->behind) {
		TRY(tx_query(tx, &retire, VALS(val_text(month)), &r));
		*gone_r = !rows_null(r, 0, 0);
	}
	if (!*gone_r) {
		log_error("the month %s of the log is not as it was sealed, and stays: praya audit "
			  "verify",
			month);
		return tx_commit(tx);
	}
	s.generation = ch->last.generation;
	s.from = s.to = ch->last.to;
	s.events = ev.count = rows_i64(r, 0, 0);
	chain_add(ch, tx, &s);
	audit_queue(tx, run->a, &ev);
	TRY(tx_commit(tx));
	return chain_publish(ch);
}

static struct err *
retire_once(struct job_run *run, const char *month, bool *gone_r)
{
	struct chain ch = {0};
	struct err *e;
	struct tx *tx;

	TRY(chore_begin(run, run->kind, &tx));
	e = retire_in(run, &ch, tx, month, gone_r);
	chain_close(&ch);
	tx_end(&run->tx);
	return e;
}

/* Somebody may be reading the log for long: the hour after this one will do, too. */
static struct err *
retire_month(struct job_run *run, const char *month, bool *gone_r)
{
	struct err *e = NULL;

	for (int i = 0; i < ATTEMPTS && !*run->stop; i++) {
		e = retire_once(run, month, gone_r);
		if (e == NULL || e->kind != ERR_BUSY)
			return e;
	}
	*gone_r = false;
	if (e != NULL)
		log_info("a month of the log is in use: it goes later");
	return NULL;
}

struct err *
audit_months_chore(struct job_run *run, int64_t *next_r)
{
	bool gone = true;
	struct rows *r;

	TRY(one(run, &look, NO_VALS, &r));
	while (gone && !*run->stop) {
		TRY(one(run, &due, NO_VALS, &r));
		if (rows_null(r, 0, 0))
			break;
		TRY(retire_month(run, rows_text(r, 0, 0), &gone));
	}
	TRY(one(run, &sweep, NO_VALS, &r));
	TRY(one(run, &next, NO_VALS, &r));
	*next_r = rows_i64(r, 0, 0);
	return NULL;
}
