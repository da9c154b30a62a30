/* SPDX-License-Identifier: ISC */
/*
 * Users and bearer tokens, as commands and settings pages make them. `tx` is a
 * transaction that came through the gate (or gate_system for the operator's
 * commands); each call writes its audit event in it.
 */
#ifndef PRAYA_USER_H
#define PRAYA_USER_H

#include "tenant.h"
#include "tx.h"

/* tn: of which passwords are not made. profile: by name. password NULL: none yet (cannot sign in).
 * ERR_INVALID with fields email, name, profile, password; ERR_CONFLICT when the address is taken.
 */
struct err *user_create(struct tx *tx, struct arena *a, const struct tenant *tn, const char *email,
	const char *name, const char *profile, const char *language, const char *password,
	int64_t *user_r);
/* Whoever is signed in as the user is out, but for the session `keep` (0: none), and with
 * `tokens` every token of theirs is revoked. */
struct err *user_set_password(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *password, int64_t keep, bool tokens);
/* The first of a workspace, an administrator, whose password was checked and hashed where the
 * workspace was asked for; ticket: what session_welcome() takes, for a quarter of an hour. A
 * call that was cut off can be made again. */
struct err *user_create_first(struct tx *tx, struct arena *a, const struct tenant *tn,
	const char *email, const char *language, const char *hash, const char *ticket);
/* Whether that is how the workspace was made. */
struct err *user_is_first(struct tx *tx, struct arena *a, const char *email, bool *is_r);
/* 0 when nobody has the address. */
struct err *user_by_email(struct tx *tx, struct arena *a, const char *email, int64_t *user_r);
/* The same for those who can sign in. */
struct err *user_active_by_email(struct tx *tx, const char *email, int64_t *user_r);
/* A bearer token of that user: returned once, stored as a digest. */
struct token_new {
	int64_t user;
	const char *name;
	int days;                 /* of life */
	const char *const *scope; /* as token_scope() makes it; NULL: all that the user may */
	size_t nscope;
};
struct err *
token_create(struct tx *tx, struct arena *a, const struct token_new *new, const char **token_r);
/* Opens a transaction for the worker or a command: kind "worker" or "cli". */
struct err *system_tx(struct conn *c, struct arena *a, const char *kind, int64_t user,
	const char *route, struct tx **tx_r);

#endif
