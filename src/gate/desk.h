/* SPDX-License-Identifier: ISC */
/*
 * Hosts that are no workspace's: other tables of routes, no workspace and no transaction
 * of one. A handler there opens what it needs by itself. Of gate/ only.
 *
 * The operators' own (Base.OperatorHost) has sessions of its own.
 */
#ifndef PRAYA_DESK_H
#define PRAYA_DESK_H

#include "gate.h"

bool desk_is_at(const struct request *rq);
/* unreadable: what is wrong with the request's head. */
struct err *
desk_answer(struct request *rq, struct response *rp, struct sb *out, struct err *unreadable);

/* The host where workspaces are asked for (Base.SignUpHost): nobody is signed in there. */
bool door_is_at(const struct request *rq);
struct err *
door_answer(struct request *rq, struct response *rp, struct sb *out, struct err *unreadable);

/* What gate.c lends. */
struct err *gate_render(struct request *rq, struct response *rp, struct sb *out);

#endif
