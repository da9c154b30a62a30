/* SPDX-License-Identifier: ISC */
/*
 * The operators' own host (Base.OperatorHost): another table of routes, other sessions, no
 * workspace and no transaction of one. A handler there opens what it needs by itself. Of
 * gate/ only.
 */
#ifndef PRAYA_DESK_H
#define PRAYA_DESK_H

#include "gate.h"

bool desk_is_at(const struct request *rq);
/* unreadable: what is wrong with the request's head. */
struct err *
desk_answer(struct request *rq, struct response *rp, struct sb *out, struct err *unreadable);

/* What gate.c lends. */
struct err *gate_render(struct request *rq, struct response *rp, struct sb *out);

#endif
