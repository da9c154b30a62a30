/* SPDX-License-Identifier: ISC */
/* Passwords: Argon2id, encoded as a PHC string. 19 MiB, 2 passes, 1 lane. */
#ifndef PRAYA_PASSWORD_H
#define PRAYA_PASSWORD_H

#include "arena.h"

#define PASSWORD_MIN 10
#define PASSWORD_MAX 128

const char *password_hash(struct arena *a, const char *password);
/* hash NULL: does the same work on a dummy and returns false, so that an
 * unknown account takes as long as a wrong password. */
bool password_matches(const char *hash, const char *password);

#endif
