/* SPDX-License-Identifier: ISC */
/*
 * What surrounds every page, and what an error looks like. Of gate/ only.
 */
#ifndef PRAYA_CHROME_H
#define PRAYA_CHROME_H

#include "gate.h"

/* Chrome.*, as templates/README.md lists it. */
struct json_object *chrome_make(struct request *rq, struct response *rp);
/* The CSRF token this request must carry: of its session, or of the nonce a
 * visitor got in a cookie. */
const char *chrome_csrf(const struct request *rq);
/* A page, or problem+json (RFC 9457), for an error. Never fails: when even the
 * template does not render, plain text goes out. */
void chrome_error(struct request *rq, struct response *rp, const struct err *e, struct sb *out);
/* The flash message travels to the next page in a cookie, as a key. */
void chrome_flash_store(struct response *rp);

#endif
