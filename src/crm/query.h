/* SPDX-License-Identifier: ISC */
/*
 * Stored queries: a search by POST is kept for a day under an opaque token, so
 * that no name or number ever stands in an address. Sealed; only who searched
 * can use the token.
 */
#ifndef PRAYA_QUERY_H
#define PRAYA_QUERY_H

#include "record.h"

/* *token_r NULL when there is nothing to keep (no words, no filters). */
struct err *
query_store(const struct record_ctx *cx, const struct record_query *q, const char **token_r);
/* Fills q->q and q->filter. NOT_FOUND when it is gone or another's. */
struct err *
query_load(const struct record_ctx *cx, enum entity e, const char *token, struct record_query *q);

#endif
