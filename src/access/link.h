/* SPDX-License-Identifier: ISC */
/*
 * Links by mail: an invitation to set the first password, and the way back in
 * after one was forgotten. A link works once and not for long; a newer one, or a
 * new password by whatever way, ends it. The database knows its digest only, and
 * no log line or event its text. It sets a password and nothing else: whoever
 * uses it then signs in like everybody, with the second step where there is one.
 *
 * The address in it is the workspace's own, never what a request claims.
 */
#ifndef PRAYA_LINK_H
#define PRAYA_LINK_H

#include "tenant.h"
#include "tx.h"

enum link_kind { LINK_INVITE, LINK_RESET };

/* Makes a link and its mail. by: who sends it; 0: nobody who is signed in. ERR_CONFLICT when
 * no relay is set or the user is switched off. */
struct err *link_send(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct settings *st, enum link_kind kind, int64_t user, int64_t by);
/* Whose password a link sets. *email_r NULL: it is no good (used, over, never
 * made, of the other kind, its user switched off: nobody is told which). */
struct err *link_find(struct tx *tx, struct arena *a, enum link_kind kind, const char *token,
	int64_t *user_r, const char **email_r);
/* Sets the password and ends the link. *done_r false: it is no good; the attempt
 * is then in the log, so the caller commits after that too. ERR_INVALID at
 * "password": the link stays good. */
struct err *
link_use(struct tx *tx, struct arena *a, const struct tenant *tn, const struct settings *st,
	enum link_kind kind, const char *token, const char *password, bool *done_r);

/* A mail that tells a user what has happened to the way in: "password_changed". Nothing
 * where no relay is set. */
struct err *notice_send(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct settings *st, int64_t user, const char *what);

#endif
