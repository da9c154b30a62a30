/* SPDX-License-Identifier: ISC */
/*
 * Handing a mail to the relay (settings Mail.*), by libcurl. One relay a process;
 * its connection is kept for the next mail. The only user of libcurl.
 *
 * With Mail.TLS = required, the default, nothing is said to a relay that does not
 * offer STARTTLS or whose certificate is not good for its name.
 */
#ifndef PRAYA_SMTP_H
#define PRAYA_SMTP_H

#include "err.h"
#include "settings.h"

enum smtp_outcome {
	SMTP_SENT,    /* the relay has taken it over */
	SMTP_LATER,   /* not now, or not until the operator mends something */
	SMTP_REFUSED, /* never: the relay will not take this mail or this recipient */
};

struct smtp_result {
	enum smtp_outcome outcome;
	/* "" or a code: not_set, unreachable, timeout, tls, sign_in, sender, recipient,
	 * message, credentials. */
	const char *why;
	long status; /* of the relay's last answer; 0: none */
};

/* Takes at most half a minute. Addresses: checked ones (text_email). */
struct smtp_result smtp_send(
	struct arena *a, const struct settings *st, const char *to, const void *message, size_t n);
/* For `praya doctor`: connects and signs in, sends nothing. */
struct smtp_result smtp_try(struct arena *a, const struct settings *st);

#endif
