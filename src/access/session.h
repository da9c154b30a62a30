/* SPDX-License-Identifier: ISC */
/*
 * Sign-in, sign-out and proofs of identity in between.
 *
 * Everything that can be guessed stands behind the guard (guard.h), which counts per
 * account and per address of the network: from the fifth within an hour on an account is
 * locked for a growing time. A locked account answers exactly like a wrong
 * password, and an unknown account costs the same work as a known one. Where there
 * is a second step, the password alone clears no count.
 *
 * A passkey whose user was verified is both steps in one. Nobody guesses it, so it lets
 * in while the account is locked, and what is wrong with one counts for the address only.
 */
#ifndef PRAYA_SESSION_H
#define PRAYA_SESSION_H

#include "passkey_store.h"
#include "principal.h"

#define SESSION_COOKIE "__Host-praya"
/* The nonce of somebody who is not signed in. */
#define VISIT_COOKIE "__Host-visit"

/* The circumstances: tx came through the gate (gate_nobody for a sign-in); ip, agent and
 * visitor (the nonce of the sign-in page; NULL: none) as the request has them. A sign-in
 * ends the session before it. */
struct sign_in {
	struct tx *tx;
	struct arena *a;
	const struct tenant *tn;
	const struct settings *st;
	const char *ip;
	const char *agent;
	const char *visitor;
	const struct principal *before; /* who this browser is signed in as; NULL: nobody */
};

/* What is offered as a proof of who somebody is; NULL: not that. */
struct proof {
	const char *password;
	const char *code; /* of the second step, as typed */
	const struct passkey_sent *passkey;
};

/* What came of it. secret NULL: no session; then with a ticket the password was right
 * and the second step is to come (again), without one it is refused or over. */
struct session_made {
	const char *secret; /* for the client, who alone has it */
	int64_t id;
	const char *ticket;
	int64_t user; /* with a ticket: whose it is */
	bool closing; /* it was right, but the workspace closes and lets only some people in */
};

/* Checks the proof and makes a session. The outcome is audited either way, so the
 * caller commits even after a refusal. */
struct err *session_sign_in(const struct sign_in *in, const char *email, const struct proof *proof,
	struct session_made *made_r);
/* The second step, with the ticket that the first has given. */
struct err *session_second_step(const struct sign_in *in, const char *ticket, const char *code,
	struct session_made *made_r);
/* Whose ticket it is; 0: it is none, or over. */
struct err *session_ticket_user(const struct sign_in *in, const char *ticket, int64_t *user_r);
/* May this address ask for a challenge? Counted, as failures are, until it is answered. */
struct err *session_challenge(const struct sign_in *in, bool *locked_r);
/* The other way in: by a passkey, signed for this visitor, without a name or password. */
struct err *session_passkey(
	const struct sign_in *in, const struct passkey_sent *sent, struct session_made *made_r);
/* Whether the ticket of session_welcome() is still good. */
struct err *session_welcome_look(struct tx *tx, const char *ticket, bool *good_r);
/* Once, straight after the workspace was made for whoever asked for it: by the ticket that their
 * browser has from there. secret NULL: it is no good. */
struct err *
session_welcome(const struct sign_in *in, const char *ticket, struct session_made *made_r);
/* Is it the principal who is there? By the password, a passkey, or a code. Kept like a
 * sign-in, so the caller commits after a refusal too. */
struct err *session_prove(const struct sign_in *in, const struct principal *p,
	const struct proof *proof, bool *good_r);
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
/* What a challenge for a passkey is bound to, of whoever is signed in. */
const char *session_bound(struct arena *a, const struct principal *p);
/* SHA-256 of a cookie's or token's text. */
void session_hash(const char *secret, unsigned char hash[32]);
/* The CSRF token of a session, whatever its secret is now; of a visitor, by a nonce. */
const char *csrf_of_session(struct arena *a, const struct tenant *tn, int64_t session_id);
const char *csrf_of_visitor(struct arena *a, const struct tenant *tn, const char *nonce);

#endif
