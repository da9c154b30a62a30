/* SPDX-License-Identifier: ISC */
/*
 * What runs around every handler: host -> workspace, cookie or token ->
 * principal, CSRF, right of the route, transaction, replay of repeated writes,
 * rendering, commit, headers, log line. The only file that sets a request's
 * tenant, principal and transaction; but for the operators' own host, which has none
 * of it but a principal (desk.h).
 *
 * A handler returns an error, or fills the response. With an error, or with a
 * status of 400 and above (a form shown again), the transaction is rolled back
 * unless the handler has committed it.
 */
#ifndef PRAYA_GATE_H
#define PRAYA_GATE_H

#include "principal.h"
#include "route.h"
#include "view.h"

/* What record/ does for the gate, which stands above it. */
struct gate_hooks {
	/* The catalogue at the principal's epoch; NULL when it has moved on. */
	struct err *(*catalogue)(struct conn *c, struct arena *a, const struct tenant *tn,
		int64_t epoch, const struct catalogue **cat_r);
	/* ctx is the request: may its body name this field? */
	bool (*is_field)(void *ctx, const char *entity, const char *name);
};

void gate_init(const struct settings *st, struct tenancy *t, const struct gate_hooks *hooks);
/* Serves one FastCGI request; for server_run(). */
void gate_serve(void *fcgi);
/* Between two requests: gives up connections to workspaces that nobody used for a while. */
void gate_rest(void);

/* For handlers. */
const struct settings *gate_settings(void);
struct tenancy *gate_tenancy(void);
/* One more transaction of the same request: for what is still read while an
 * answer is sent, after the request's own was committed. */
struct err *gate_tx(const struct request *rq, struct conn *c, struct tx **tx_r);
/* The same, of a principal whose epochs are newer than the request's. */
struct err *
gate_tx_as(const struct request *rq, const struct principal *p, struct conn *c, struct tx **tx_r);
/* The reader's language. */
enum lang request_lang(const struct request *rq);
/* Version that a change is based on: If-Match (API) or _version (form).
 * ERR_VERSION_NEEDED when absent, ERR_BAD_REQUEST when it is no number. */
struct err *request_version(const struct request *rq, int64_t *version_r);
/* A message key shown on the next page ("flash.saved"). */
void response_flash(struct response *rp, const char *key);
/* Page: 303 to the path. API: keeps the status and sets Location below /api/v1. */
void
response_go(struct response *rp, const struct request *rq, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* The model of the page or of the API's answer, made at the first call. */
struct json_object *response_data(struct response *rp);
struct json_object *response_page(struct response *rp);
/* A form shown again: status 422, Page.errors from the error. The handler then
 * fills the page as for the form itself. */
void response_errors(struct response *rp, const struct request *rq, const struct err *e);
/* The same where the form shows records: what the handler did so far is taken back,
 * and what it reads from here on is kept, with its events. rq->tx is another one then. */
struct err *response_again(struct response *rp, struct request *rq, const struct err *e);

#endif
