/* SPDX-License-Identifier: ISC */
/* How a transaction begins: the database is told who asks, and compares what is known of them. */
#include "gate.h"

STMT(enter, "gate.enter", 9,
	"select gate_enter($1::bytea, $2::bigint, $3::bigint, $4::text[], $5::boolean, $6, $7, $8, "
	"$9)");
STMT(nobody, "gate.nobody", 4, "select gate_nobody($1, $2, $3, $4)");

struct err *
gate_tx(const struct request *rq, struct conn *c, struct tx **tx_r)
{
	return gate_tx_as(rq, rq->principal, c, tx_r);
}

struct err *
gate_tx_as(const struct request *rq, const struct principal *p, struct conn *c, struct tx **tx_r)
{
	struct bytes hash;
	const char *scopes[ENTITY_MAX];

	if (p == NULL)
		return tx_begin(c, rq->a, &nobody,
			VALS(val_text(rq->remote), val_text(rq->user_agent), val_text(rq->id),
				val_text(rq->route->name)),
			tx_r);
	hash.p = p->hash;
	hash.n = sizeof(p->hash);
	for (int e = 0; e < ENTITY_MAX; e++)
		scopes[e] = scope_name(p->scopes[e][RIGHT_VIEW]);
	return tx_begin(c, rq->a, &enter,
		VALS(val_bytes(hash), val_i64(p->access_epoch), val_i64(p->catalogue_epoch),
			val_texts(scopes, ENTITY_MAX), val_bool(p->special[RIGHT_SEE_VIP]),
			val_text(rq->remote), val_text(rq->user_agent), val_text(rq->id),
			val_text(rq->route->name)),
		tx_r);
}
