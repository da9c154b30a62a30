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

/* Checks the password and makes a session. `tx` came through gate_nobody. The
 * outcome is audited either way, so the caller commits even after a refusal:
 * *secret_r NULL means refused. ip and agent as the request has them. */
struct err *session_sign_in(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct settings *st, const char *email, const char *password, const char *ip,
	const char *agent, const char **secret_r);
/* Is this the principal's own password? Asked under the same guard as a sign-in
 * and kept like one, so the caller commits after a refusal too. */
struct err *session_check_password(struct tx *tx, struct arena *a, const struct tenant *tn,
	const struct principal *p, const char *password, const char *ip, bool *good_r);
/* Ends the session of the principal. */
void session_sign_out(struct tx *tx, struct arena *a, const struct principal *p);
/* SHA-256 of a cookie's or token's text. */
void session_hash(const char *secret, unsigned char hash[32]);
/* The CSRF token of a session (or of a pre-session nonce). */
const char *csrf_token(struct arena *a, const struct tenant *tn, const void *p, size_t n);

#endif
