/* SPDX-License-Identifier: ISC */
/*
 * Passkeys of users: rows of the table `factor`, and the challenges that
 * authenticators sign.
 *
 * A challenge is random, good for one use within five minutes, for the one purpose it
 * was asked for, and in the visit or session it was given to; the database has its
 * digest only. Whatever comes of an answer, its challenge is used up: the caller
 * commits after a refusal too.
 *
 * Nobody guesses a key, so refusals count for the address they come from and not
 * for the account: passkeys still let in somebody whose password others try.
 */
#ifndef PRAYA_PASSKEY_STORE_H
#define PRAYA_PASSKEY_STORE_H

#include "tenant.h"
#include "tx.h"

#define PASSKEYS_MAX 20
#define PASSKEY_SECONDS 300

enum passkey_use { PASSKEY_SIGN_IN, PASSKEY_IDENTITY, PASSKEY_NEW };

/* bound: the nonce of the visit, or the number of the session; NULL: neither. */
struct err *passkey_challenge(struct tx *tx, struct arena *a, enum passkey_use use,
	const char *bound, const char **challenge_r);

/* Answers as they were sent, base64url; NULL: not sent. */
struct passkey_sent {
	const char *id;
	const char *client_data;
	const char *auth_data;
	const char *signature;
	const char *user_handle;
};

struct passkey_found {
	int64_t user; /* whose passkey was named; 0: nobody's, or no live user's */
	bool good;
	bool went_back; /* signed well, but counts less than before: there is a copy */
};
struct err *
passkey_check(struct tx *tx, struct arena *a, const struct tenant *tn, enum passkey_use use,
	const char *bound, const struct passkey_sent *sent, struct passkey_found *found_r);

struct passkey_new {
	const char *name;
	const char *client_data;
	const char *attestation;
};
/* *id_r 0: refused. ERR_CONFLICT: it is there already, or there are too many. */
struct err *passkey_add(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *bound, const struct passkey_new *sent, int64_t *id_r);
/* False: there is none of that number. */
struct err *passkey_rename(struct tx *tx, int64_t user, int64_t id, const char *name, bool *done_r);
/* With the last factor go the recovery codes. */
struct err *passkey_remove(struct tx *tx, struct arena *a, int64_t user, int64_t id, bool *done_r);

struct passkey_row {
	int64_t id;
	const char *name;
	const char *credential; /* base64url */
	int64_t since, used;    /* microseconds; used 0: never */
};
struct err *passkey_list(
	struct tx *tx, struct arena *a, int64_t user, struct passkey_row **rows_r, size_t *n_r);
/* What authenticators know a user by: says nothing to others. */
const char *passkey_user_handle(struct arena *a, const struct tenant *tn, int64_t user);

#endif
