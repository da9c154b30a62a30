/* SPDX-License-Identifier: ISC */
/*
 * Before what is grave (route_is_grave): whoever is signed in with a browser must
 * have proved within five minutes who they are. A page asks for the proof and
 * carries along, sealed, what was sent, so that nothing has to be typed twice;
 * a program is told (ERR_VERIFY) and proves it at POST /session/verify.
 *
 * A bearer token is not asked: making one was grave, and its scope names what it
 * may do. But nobody's own way in is changed by a token. Of gate/ only.
 */
#ifndef PRAYA_VERIFY_H
#define PRAYA_VERIFY_H

#include "gate.h"
#include "session.h"

/* What came with the page that asked. */
struct verify {
	bool asked; /* this request answers it */
	struct proof proof;
	struct passkey_sent passkey; /* that of the proof */
};

/* A body that answers the page becomes the one that was sent first; what was wrong
 * with the outer one (*refused) is then of no matter. ERR_BAD_REQUEST: it is none of ours. */
struct err *verify_unwrap(struct request *rq, struct verify *v, struct err **refused);
/* *go_r false: the response asks for the proof. A proof that was good renews the
 * session: rq->secret. */
struct err *verify_ask(struct request *rq, struct response *rp, struct conn *c,
	const struct verify *v, bool *go_r);

#endif
