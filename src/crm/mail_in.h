/* SPDX-License-Identifier: ISC */
/*
 * Taking mail in: a message becomes a message of the people it is from or to,
 * its attachments become their files.
 *
 * Sent by a user it is filed under the contacts among its recipients, else
 * under the contacts with the sender's address. Of somebody unknown it makes a
 * new contact, a lead (of a user's mail to nobody known: the first recipient);
 * but what machines send makes nobody a contact. A user's address that our relay
 * does not vouch for may be anybody's: received, marked, and nobody's first mail. The same message
 * comes twice without harm: a keyed hash of its Message-ID is kept with each person.
 *
 * Not for praya-web: this stands in libmail.a with the library that reads mail.
 */
#ifndef PRAYA_MAIL_IN_H
#define PRAYA_MAIL_IN_H

#include "record.h"

struct mail_in_result {
	int64_t stored; /* messages, one a person */
	int64_t known;  /* persons who had it already */
	int64_t files;
	int64_t created; /* new contacts */
	bool outgoing;
	bool unproven; /* says that it is a user's, which nothing proves */
	bool ignored;  /* a machine's, of nobody known: nothing was kept */
	bool tray;     /* of somebody who was erased: it waits in the tray (mail_tray.h) */
};

/* st: which relay is ours. cx->tx came through the gate and is committed here. p stays as long as
 * the arena. ERR_BAD_REQUEST: no message, or too many parts; ERR_INVALID: nobody it could be filed
 * under. After an error nothing was kept, unless the commit itself failed: then nobody knows, and
 * the message may simply come again. */
struct err *mail_in_store(const struct record_ctx *cx, const struct settings *st, const void *p,
	size_t n, struct mail_in_result *result);

#endif
