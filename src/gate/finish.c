/* SPDX-License-Identifier: ISC */
#include "finish.h"

#include <string.h>

#include "chrome.h"
#include "log.h"
#include "metrics.h"
#include "session.h"
#include "wake.h"

#define IDLE_SECONDS 120

void
finish_log_error(const struct err *e)
{
	if (e->kind == ERR_INTERNAL || e->kind == ERR_BUSY)
		log_error("%s at %s:%d: %s", err_name(e->kind), e->file, e->line,
			e->detail != NULL ? e->detail : "");
}

void
finish_session(struct request *rq, struct response *rp)
{
	const struct response_header *h = rp->headers;

	if (rq->secret == NULL)
		return;
	for (; h != NULL; h = h->next)
		if (strcmp(h->name, "Set-Cookie") == 0 &&
			strncmp(h->value, SESSION_COOKIE "=", sizeof(SESSION_COOKIE)) == 0)
			return;
	response_cookie(rp, SESSION_COOKIE, rq->secret, (int)gate_settings()->session_absolute);
}

void
finish_send(struct request *rq, struct response *rp, struct sb *out)
{
	if (rp->stream != NULL) {
		response_send_stream(rp, rq);
	} else if (rp->ready != NULL) {
		response_send(rp, rq, rp->content_type, rp->ready, rp->ready_size);
	} else if (!rq->api && rp->location != NULL) {
		rp->status = 303;
		response_header(rp, "Location", rp->location);
		chrome_flash_store(rp);
		response_send(rp, rq, NULL, NULL, 0);
	} else {
		if (rq->api && rp->location != NULL)
			response_header(rp, "Location", rp->location);
		response_send(rp, rq,
			!rq->api            ? "text/html; charset=utf-8"
			: rp->status >= 400 ? "application/problem+json"
					    : "application/json; charset=utf-8",
			out->p, out->n);
	}
}

void
gate_rest(void)
{
	(void)conn_pool_trim(tenancy_pool(gate_tenancy()), IDLE_SECONDS);
}

void
finish_log(const struct request *rq, const struct response *rp, const struct timespec *start)
{
	struct timespec end;
	int statements;
	long db_us;
	long us;

	clock_gettime(CLOCK_MONOTONIC, &end);
	us = (end.tv_sec - start->tv_sec) * 1000000L + (end.tv_nsec - start->tv_nsec) / 1000;
	tx_stats(&statements, &db_us);
	metrics_end(rq->route, rp->status, us, db_us);
	log_info("route=%s status=%d us=%ld db_us=%ld statements=%d",
		rq->route != NULL ? rq->route->name : "-", rp->status, us, db_us, statements);
}

void
finish_ring(const struct request *rq)
{
	if (rq->tx == NULL || !tx_committed(rq->tx) || tx_on_trial(rq->tx))
		return;
	if (tx_rung(rq->tx))
		wake_ring(gate_tenancy(), rq->a, rq->tenant);
	else
		wake_stir(gate_tenancy(), rq->a, rq->tenant);
}
