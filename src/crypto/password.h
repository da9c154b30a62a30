/* SPDX-License-Identifier: ISC */
/*
 * Passwords: Argon2id, encoded as a PHC string. 19 MiB, 2 passes, 1 lane. The
 * 19 MiB go back to the system before these functions return. Every call costs
 * some 40 ms of processor time: guard against guessing before, not after.
 */
#ifndef PRAYA_PASSWORD_H
#define PRAYA_PASSWORD_H

#include "arena.h"

/* In characters, for those who accept a new one; nothing here enforces them. */
#define PASSWORD_MIN 12
#define PASSWORD_MAX 128

const char *password_hash(struct arena *a, const char *password);
/* hash NULL, or not one of ours: does the same work on a dummy and returns
 * false, so that an unknown account takes as long as a wrong password. */
bool password_matches(const char *hash, const char *password);

#endif
