/* SPDX-License-Identifier: ISC */
#include "trip.h"

#include <string.h>

struct state_kind {
	const char *prefix; /* of the SQLSTATE */
	enum err_kind kind;
	const char *key; /* NULL: the standard message of the kind */
};

static const struct state_kind kinds[] = {
	{"23505", ERR_CONFLICT, NULL},                          /* unique_violation */
	{"23503", ERR_NOT_FOUND, NULL},                         /* foreign_key_violation */
	{"40001", ERR_BUSY, NULL},                              /* serialization_failure */
	{"40P01", ERR_BUSY, NULL},                              /* deadlock_detected */
	{"55P03", ERR_BUSY, NULL},                              /* lock_not_available */
	{"57014", ERR_BUSY, NULL},                              /* query_canceled */
	{"57P0", ERR_BUSY, NULL},                               /* shutting down, starting up */
	{"25P03", ERR_BUSY, NULL},                              /* idle_in_transaction */
	{"08", ERR_BUSY, NULL},                                 /* connection */
	{"53", ERR_BUSY, NULL},                                 /* memory, disk, connections */
	{"42501", ERR_DENIED, NULL},                            /* insufficient_privilege */
	{"PR004", ERR_CONFLICT, NULL},                          /* about an erased person */
	{"PR005", ERR_DENIED, "error.job_right"},               /* 50_job.sql */
	{"PR051", ERR_CONFLICT, "error.closing"},               /* 70_closing.sql */
	{"PR011", ERR_DENIED, "error.own_rights"},              /* sql/tenant/repeatable/ */
	{"PR012", ERR_DENIED, "error.more_rights"},             /* 15_profile.sql */
	{"PR013", ERR_CONFLICT, "error.last_administrator"},    /* has these */
	{"PR014", ERR_CONFLICT, "error.administrator_profile"}, /* four */
	{"PR021", ERR_CONFLICT, "error.request_step"},          /* 45_request.sql has these */
	{"PR022", ERR_CONFLICT, "error.request_lacks"},
	{"PR023", ERR_CONFLICT, "error.request_late"},
	{"PR024", ERR_CONFLICT, "error.request_reasons"},
	{"PR025", ERR_DENIED, "error.request_second"},
	{"PR026", ERR_CONFLICT, "error.request_stays"},
	{"PR027", ERR_CONFLICT, "error.request_found"},
	{"PR061", ERR_CONFLICT, "error.hold_needs"},    /* 42_hold.sql */
	{"PR031", ERR_CONFLICT, "error.incident_step"}, /* 47_incident.sql has these */
	{"PR032", ERR_CONFLICT, "error.incident_reasons"},
	{"PR033", ERR_CONFLICT, "error.incident_stays"},
	{"PR041", ERR_CONFLICT, "error.letter_stays"},    /* 46_letter.sql */
	{"PR042", ERR_CONFLICT, "error.request_closed"},  /* 47_request_form.sql */
	{"PR043", ERR_CONFLICT, "error.handover_early"},  /* 49_handover.sql */
	{"PR044", ERR_CONFLICT, "error.letter_log_book"}, /* 46_letter.sql */
	{"PR028", ERR_CONFLICT, "error.request_approved"},
	{"PR029", ERR_CONFLICT, "error.request_unreviewed"},
	{"PR030", ERR_CONFLICT, "error.request_hold"},
};

static const struct state_kind *
kind_of(const struct failure *f)
{
	static const struct state_kind unknown = {"", ERR_INTERNAL, NULL},
				       busy = {"", ERR_BUSY, NULL},
				       unseen = {"", ERR_NOT_FOUND, NULL};

	if (f->broken || f->stale)
		return &busy;
	/* What hangs on a record that is not there, or not for this principal. */
	if (f->unseen)
		return &unseen;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(f->state, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return &kinds[i];
	return &unknown;
}

void
failure_note(struct failure *f, struct arena *a, const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
	const char *routine = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);

	/* An error of libpq itself has none: it is about the connection. */
	if (state == NULL || strlen(state) >= sizeof(f->state))
		state = "08006";
	memcpy(f->state, state, strlen(state) + 1);
	/* The state alone is also that of a right the role lacks, which is our fault. */
	f->unseen = strcmp(state, "42501") == 0 && routine != NULL &&
		    strcmp(routine, "ExecWithCheckOptions") == 0;
	if (constraint != NULL)
		f->constraint = arena_strdup(a, constraint);
}

struct err *
failure_err(struct arena *a, const struct failure *f)
{
	const struct state_kind *k = kind_of(f);
	struct err *e = err_detail(a, k->kind, __FILE__, __LINE__, "%s: SQLSTATE %s%s%s",
		f->statement, f->state, f->constraint != NULL ? " " : "",
		f->constraint != NULL ? f->constraint : "");

	e->key = k->key;
	return e;
}
