/* SPDX-License-Identifier: ISC */
/*
 * A page's form whose values were refused before any handler saw them (too long, of a
 * wrong type, missing) comes back like one that a handler refused: with an error
 * at its field and with what was typed. Of gate/ only.
 */
#ifndef PRAYA_FORM_AGAIN_H
#define PRAYA_FORM_AGAIN_H

#include "gate.h"

/* The row whose page holds the form that this request was sent from; NULL: none, or
 * what was refused is nothing that a form of ours can have sent. */
const struct route *form_again_route(const struct request *rq, const struct err *refused);
/* That page, asked once more, in rq->tx where there is one. NULL: it is in out, with what was
 * typed and an error at each field that was refused; else refused, and out is as it was. */
struct err *form_again(struct request *rq, struct response *rp, const struct route *page,
	struct err *refused, struct sb *out);

#endif
