/* SPDX-License-Identifier: ISC */
/*
 * People of the operator: accounts of the region's database, who sign in at a host of their own
 * (Base.OperatorHost) with a password and an authenticator app, always both. They are no users
 * of any workspace, and see of one only what a grant of its administrator lets them
 * (workspace/support.h). Their addresses are sealed under a key of the region's, which the
 * master key wraps.
 *
 * What is guessed is counted per account and per address of the network: from the fifth
 * failure on an account is locked for a growing time, and an address from the fiftieth on. A
 * locked or unknown account answers like a wrong password and costs the same work.
 */
#ifndef PRAYA_OPERATOR_H
#define PRAYA_OPERATOR_H

#include "tenant.h"
#include "totp.h"

struct operator
{
	int64_t id;
	const char *email;
	bool removed;
	int64_t created_at, last_sign_in_at; /* microseconds; 0: never */
};

/* The operators' host in the shape of a workspace, for what pages are made of: host, origin,
 * and keys of its own. It has no database of records. */
struct err *tenancy_desk(struct tenancy *t, struct arena *a, struct tenant **desk_r);

/* email: cleaned. ERR_CONFLICT: somebody has that address. totp_r: shown once. */
struct err *operator_add(struct tenancy *t, struct arena *a, const char *email,
	const char *password, unsigned char totp_r[TOTP_SECRET]);
/* All there ever were, those who are left first. */
struct err *
operator_list(struct tenancy *t, struct arena *a, struct operator** list_r, size_t *n_r);
/* *id_r 0: nobody who can sign in has the address. */
struct err *operator_find(struct tenancy *t, struct arena *a, const char *email, int64_t *id_r);
/* The address of an operator, removed or not; NULL: there never was one. */
struct err *operator_email(struct tenancy *t, struct arena *a, int64_t id, const char **email_r);
/* Password, second step and sessions are gone. Grants are the caller's to end. */
struct err *operator_remove(struct tenancy *t, struct arena *a, int64_t id);

/* *secret_r NULL: refused, and counted. */
struct err *
operator_sign_in(struct tenancy *t, struct arena *a, const char *email, const char *password,
	const char *code, const char *ip, const char **secret_r, int64_t *session_r);
/* *op_r NULL: the session is over, or there never was one. */
struct err *operator_session(struct tenancy *t, struct arena *a, const unsigned char hash[32],
	struct operator** op_r, int64_t *session_r);
struct err *operator_sign_out(struct tenancy *t, struct arena *a, int64_t session, const char *ip);

/* What an operator asked for or was offered. */
struct operator_case {
	int64_t id;
	int64_t tenant; /* 0: there is no such workspace */
	int64_t grant;  /* 0: none came of it */
	const char *slug;
	const char *scope;
	const char *ip; /* of a new one: where whoever asks is; NULL: it is offered */
	int64_t hours;
	int64_t created_at;
	bool young; /* a request would still wait for its answer */
};

/* ERR_TOO_MANY: asked, and more than twenty in the last hour. tenant 0: none, which looks the
 * same. */
struct err *operator_case_add(struct tenancy *t, struct arena *a, int64_t operator_id,
	const struct operator_case *new, int64_t *id_r);
/* What came of it. */
struct err *operator_case_grant(struct tenancy *t, struct arena *a, int64_t id, int64_t grant);
/* id 0: the newest hundred; CASES_ALL: all there ever were; else that one only. */
#define CASES_ALL (-1)
struct err *operator_cases(struct tenancy *t, struct arena *a, int64_t operator_id, int64_t id,
	struct operator_case **list_r, size_t *n_r);

#endif
