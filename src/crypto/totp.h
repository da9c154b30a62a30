/* SPDX-License-Identifier: ISC */
/*
 * Time-based one-time codes (RFC 6238): SHA-1, 30 seconds, 6 digits, which is what
 * every authenticator app knows. By liboath; its only user.
 */
#ifndef PRAYA_TOTP_H
#define PRAYA_TOTP_H

#include <stdint.h>

#include "arena.h"

#define TOTP_SECRET 20
#define TOTP_DIGITS 6

/* Does the code belong to this moment, or to the step before or after it (clocks
 * differ), and to a later step than `after`, the last one that was used? *step_r:
 * which, to be kept as used. now: seconds since 1970. */
bool totp_matches(const unsigned char secret[TOTP_SECRET], int64_t now, int64_t after,
	const char *code, int64_t *step_r);
/* The secret as people type it (base32 in groups of four), and as apps read it from
 * a picture: otpauth://totp/ISSUER:ACCOUNT?... */
const char *totp_secret_text(struct arena *a, const unsigned char secret[TOTP_SECRET]);
const char *totp_uri(struct arena *a, const unsigned char secret[TOTP_SECRET], const char *issuer,
	const char *account);
/* n random characters of base32, in groups of four: recovery codes. n at most 64. */
const char *totp_random_code(struct arena *a, size_t n);

#endif
