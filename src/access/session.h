/* SPDX-License-Identifier: ISC */
/*
 * Sign-in, sign-out and the guard against guessing.
 *
 * The guard counts failures per account and per address, under keyed hashes.
 * From the fifth on it locks that key for a growing time; a locked account
 * answers exactly like a wrong password, and an unknown account costs the same
 * work as a known one.
 */
#ifndef PRAYA_SESSION_H
#define PRAYA_SESSION_H

#include "principal.h"

#define SESSION_COOKIE "__Host-praya"

/* What is offered as a proof of who somebody is. */
struct proof {
	const char *password; /* NULL: none */
};

/* A session that was made; secret NULL: refused. */
struct session_made {
	const char *secret; /* for the client, who alone has it */
	int64_t id;
};

/* Checks the proof and makes a session. `tx` came through gate_nobody. The
 * outcome is audited either way, so the caller commits even after a refusal.
 * ip and agent as the request has them. */
struct err *session_sign_in(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct settings *st, const char *email, const struct proof *proof, const char *ip,
	const char *agent, struct session_made *made_r);
/* Is it the principal who is there? Asked under the same guard as a sign-in
 * and kept like one, so the caller commits after a refusal too. */
struct err *session_prove(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct principal *p, const struct proof *proof, const char *ip, bool *good_r);
/* After a proof: another secret for the same session, which counts as verified from
 * now on. */
struct err *
session_renew(struct tx *tx, struct arena *a, const struct principal *p, const char **secret_r);
/* Has whoever is signed in proved it within the last five minutes? By the
 * database's clock, in a transaction of its own. */
struct err *
session_verified(struct conn *c, struct arena *a, const struct principal *p, bool *verified_r);
/* Ends the session of the principal. */
void session_sign_out(struct tx *tx, struct arena *a, const struct principal *p);
/* SHA-256 of a cookie's or token's text. */
void session_hash(const char *secret, unsigned char hash[32]);
/* The CSRF token of a session, whatever its secret is now; of a visitor, by a nonce. */
const char *csrf_of_session(struct arena *a, const struct tenant *tn, int64_t session_id);
const char *csrf_of_visitor(struct arena *a, const struct tenant *tn, const char *nonce);

#endif
