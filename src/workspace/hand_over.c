/* SPDX-License-Identifier: ISC */
#include "hand_over.h"

#include <string.h>

#include "controls.h"

STMT(count_owned, "user.owned", 1, "select entity, n from owned_count($1::bigint)");
STMT(move_owned, "user.hand_over", 2, "select entity, n from hand_over($1::bigint, $2::bigint)");
STMT(can_take, "user.can_take", 2,
	"select 1 from app_user where user_id = $1::bigint and active and user_id <> $2::bigint "
	"for share");
STMT(colleagues, "user.colleagues", 1,
	"select user_id, name, email from app_user where active and user_id <> $1::bigint "
	"order by lower(name), user_id limit 1000");

static void
read_owned(const struct rows *r, struct owned *o)
{
	*o = (struct owned){0};
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *entity = rows_text(r, i, 0);
		int64_t n = rows_i64(r, i, 1);

		if (strcmp(entity, "contact") == 0)
			o->contacts = n;
		else if (strcmp(entity, "company") == 0)
			o->companies = n;
		else
			o->tasks = n;
		o->all += n;
	}
}

struct err *
owned_by(struct request *rq, int64_t user, struct owned *o_r)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &count_owned, VALS(val_i64(user)), &r));
	read_owned(r, o_r);
	return NULL;
}

struct err *
hand_over(struct request *rq, int64_t user, int64_t to, struct owned *o_r)
{
	struct err *e = NULL;
	struct rows *r;

	if (to == 0) {
		TRY(owned_by(rq, user, o_r));
		if (o_r->all > 0)
			err_add_field(rq->a, &e, "hand_over_to", "error.hand_over_to",
				arena_printf(rq->a, "%lld", (long long)o_r->all));
		return e;
	}
	TRY(tx_query(rq->tx, &can_take, VALS(val_i64(to), val_i64(user)), &r));
	if (rows_count(r) == 0) {
		err_add_field(rq->a, &e, "hand_over_to", "error.choice", NULL);
		return e;
	}
	TRY(tx_query(rq->tx, &move_owned, VALS(val_i64(user), val_i64(to)), &r));
	read_owned(r, o_r);
	return NULL;
}

void
owned_model(const struct owned *o, struct json_object *to)
{
	model_i64(to, "contact", o->contacts);
	model_i64(to, "company", o->companies);
	model_i64(to, "activity", o->tasks);
}

struct err *
hand_over_form(struct request *rq, int64_t user, struct json_object *page)
{
	struct json_object *o = model_child(page, "hand_over"), *f;
	struct owned owned;
	struct rows *r;

	TRY(owned_by(rq, user, &owned));
	model_i64(o, "all", owned.all);
	owned_model(&owned, o);
	if (owned.all == 0)
		return NULL;
	f = form_field(rq, model_list(o, "fields"), "choice", "hand_over_to",
		say(rq, "users.hand_over_to"), "");
	form_required(f);
	TRY(tx_query(rq->tx, &colleagues, VALS(val_i64(user)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(f, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0)),
			arena_printf(rq->a, "%s (%s)", rows_text(r, i, 1), rows_text(r, i, 2)));
	return NULL;
}
