/* SPDX-License-Identifier: ISC */
#include "trip.h"

#include <string.h>

struct state_kind {
	const char *prefix; /* of the SQLSTATE */
	enum err_kind kind;
};

static const struct state_kind kinds[] = {
	{"23505", ERR_CONFLICT},  /* unique_violation */
	{"23503", ERR_NOT_FOUND}, /* foreign_key_violation */
	{"40001", ERR_BUSY},      /* serialization_failure */
	{"40P01", ERR_BUSY},      /* deadlock_detected */
	{"55P03", ERR_BUSY},      /* lock_not_available */
	{"57014", ERR_BUSY},      /* query_canceled: statement_timeout */
	{"57P0", ERR_BUSY},       /* shutting down, starting up, terminated */
	{"25P03", ERR_BUSY},      /* idle_in_transaction_session_timeout */
	{"08", ERR_BUSY},         /* connection */
	{"53", ERR_BUSY},         /* memory, disk, connections used up */
	{"42501", ERR_DENIED},    /* insufficient_privilege */
	{"PR004", ERR_CONFLICT},  /* about a person who is erased */
};

static enum err_kind
kind_of(const struct failure *f)
{
	if (f->broken || f->stale)
		return ERR_BUSY;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(f->state, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].kind;
	return ERR_INTERNAL;
}

void
failure_note(struct failure *f, struct arena *a, const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);

	/* An error of libpq itself has none: it is about the connection. */
	if (state == NULL || strlen(state) >= sizeof(f->state))
		state = "08006";
	memcpy(f->state, state, strlen(state) + 1);
	if (constraint != NULL)
		f->constraint = arena_strdup(a, constraint);
}

struct err *
failure_err(struct arena *a, const struct failure *f)
{
	return err_detail(a, kind_of(f), __FILE__, __LINE__, "%s: SQLSTATE %s%s%s", f->statement,
		f->state, f->constraint != NULL ? " " : "",
		f->constraint != NULL ? f->constraint : "");
}
