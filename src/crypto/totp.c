/* SPDX-License-Identifier: ISC */
#include "totp.h"

#include <liboath/oath.h>
#include <string.h>

#include "log.h"
#include "sb.h"
#include "token.h"

#define STEP 30
#define GROUP 4

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

static void
code_of(const unsigned char secret[TOTP_SECRET], int64_t step, char out[TOTP_DIGITS + 1])
{
	static bool ready;
	int rc = OATH_OK;

	if (!ready)
		rc = oath_init();
	ready = true;
	if (rc == OATH_OK)
		rc = oath_hotp_generate((const char *)secret, TOTP_SECRET, (uint64_t)step,
			TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, out);
	if (rc != OATH_OK)
		log_fatal("liboath: %s", oath_strerror(rc));
}

bool
totp_matches(const unsigned char secret[TOTP_SECRET], int64_t now, int64_t after, const char *code,
	int64_t *step_r)
{
	int64_t current = now / STEP;
	char want[TOTP_DIGITS + 1];
	bool found = false;

	if (strlen(code) != TOTP_DIGITS)
		return false;
	/* All three are looked at, whichever it is. */
	for (int64_t step = current - 1; step <= current + 1; step++) {
		code_of(secret, step, want);
		if (equal_const_time(code, want, TOTP_DIGITS) && step > after && !found) {
			*step_r = step;
			found = true;
		}
	}
	secret_wipe(want, sizeof(want));
	return found;
}

/* Base32 of n bytes in groups of four characters. */
static const char *
grouped(struct arena *a, const unsigned char *p, size_t n, char part)
{
	unsigned bits = 0;
	size_t have = 0, written = 0;
	struct sb sb;

	sb_init(&sb, a, 4 * n + 8);
	for (size_t i = 0; i < n; i++) {
		bits = (bits << 8 | p[i]) & 0xffff;
		for (have += 8; have >= 5; have -= 5) {
			if (part != '\0' && written > 0 && written % GROUP == 0)
				sb_putc(&sb, part);
			sb_putc(&sb, base32[bits >> (have - 5) & 31]);
			written++;
		}
	}
	ASSERT(have == 0);
	return sb.p;
}

const char *
totp_secret_text(struct arena *a, const unsigned char secret[TOTP_SECRET])
{
	return grouped(a, secret, TOTP_SECRET, ' ');
}

static void
add_escaped(struct sb *sb, const char *s)
{
	for (; *s != '\0'; s++) {
		bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			     (*s >= '0' && *s <= '9') || strchr("-._~@", *s) != NULL;

		if (plain)
			sb_putc(sb, *s);
		else
			sb_printf(sb, "%%%02X", (unsigned char)*s);
	}
}

const char *
totp_uri(struct arena *a, const unsigned char secret[TOTP_SECRET], const char *issuer,
	const char *account)
{
	char *upper = arena_strdup(a, grouped(a, secret, TOTP_SECRET, '\0'));
	struct sb sb;

	/* Some apps read capitals only. */
	for (char *p = upper; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	sb_init(&sb, a, 4096);
	sb_puts(&sb, "otpauth://totp/");
	add_escaped(&sb, issuer);
	sb_putc(&sb, ':');
	add_escaped(&sb, account);
	sb_printf(&sb, "?secret=%s&issuer=", upper);
	add_escaped(&sb, issuer);
	return sb.p;
}

const char *
totp_random_code(struct arena *a, size_t n)
{
	unsigned char raw[64];
	struct sb sb;

	ASSERT(n <= sizeof(raw));
	random_bytes(raw, n);
	sb_init(&sb, a, 2 * n + 8);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && i % GROUP == 0)
			sb_putc(&sb, '-');
		sb_putc(&sb, base32[raw[i] & 31]);
	}
	secret_wipe(raw, sizeof(raw));
	return sb.p;
}
