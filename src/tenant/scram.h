/* SPDX-License-Identifier: ISC */
/*
 * What PostgreSQL keeps instead of a password (SCRAM-SHA-256), made here so that
 * no statement ever carries the password itself.
 */
#ifndef PRAYA_SCRAM_H
#define PRAYA_SCRAM_H

#include "arena.h"

#define SCRAM_PASSWORD_MAX 64

/* password: printable ASCII, at most SCRAM_PASSWORD_MAX bytes (ASSERT). A fresh
 * salt each time. The answer holds letters, digits and +/=:$- only. */
const char *scram_verifier(struct arena *a, const char *password);

#endif
