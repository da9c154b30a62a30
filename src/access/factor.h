/* SPDX-License-Identifier: ISC */
/*
 * The second step of signing in: an authenticator app (totp), and recovery
 * codes on paper that stand in for whatever the second step is. A code works once:
 * of an app the step it belongs to is kept, and neither it nor an earlier one is
 * taken again. Passkeys (passkey_store.h) are factors too.
 *
 * A user has a second step when a factor of any kind is confirmed.
 * Guessing is guarded by whoever calls, as guessing passwords is.
 */
#ifndef PRAYA_FACTOR_H
#define PRAYA_FACTOR_H

#include "tenant.h"
#include "totp.h"
#include "tx.h"

#define RECOVERY_CODES 10

/* What a code turned out to be. */
enum factor_used { FACTOR_NONE, FACTOR_TOTP, FACTOR_RECOVERY };

/* Tries a code as it was typed: six digits of the app, or a recovery code. What it
 * was, FACTOR_NONE: not right, or used before. What is used is kept as used in
 * this transaction. */
struct err *factor_check(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *typed, enum factor_used *used_r);

struct factor_state {
	bool totp;    /* confirmed */
	bool pending; /* begun, not confirmed */
	int64_t passkeys;
	int64_t codes;       /* recovery codes left */
	int64_t since, used; /* of the app, microseconds; 0: never */
};
struct err *factor_state(struct tx *tx, int64_t user, struct factor_state *state_r);

/* Begins (again) with a new secret; one that is in force stays so until the new
 * one is confirmed. */
struct err *factor_begin(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	unsigned char secret[TOTP_SECRET]);
/* The secret that waits to be confirmed; *found_r false: none. */
struct err *factor_pending(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	unsigned char secret[TOTP_SECRET], bool *found_r);
/* The first code: puts the pending app in force, in the place of an older one. */
struct err *factor_confirm(struct tx *tx, struct arena *a, const struct tenant *tn, int64_t user,
	const char *typed, bool *good_r);
/* New recovery codes; the older ones are no good any more. */
struct err *
factor_new_codes(struct tx *tx, struct arena *a, int64_t user, const char *codes_r[RECOVERY_CODES]);
/* The app alone; where it was the only factor, the recovery codes with it. */
struct err *factor_remove_app(struct tx *tx, struct arena *a, int64_t user, bool *had_r);
/* No second step any more: all factors and recovery codes. *had_r: there was something. */
struct err *factor_remove(struct tx *tx, struct arena *a, int64_t user, bool *had_r);

#endif
