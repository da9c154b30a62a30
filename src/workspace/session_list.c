/* SPDX-License-Identifier: ISC */
#include "session_list.h"

#include "date.h"

STMT(list_sessions, "session.list", 1,
	"select session_id, (extract(epoch from created_at) * 1000000)::bigint, "
	"(extract(epoch from seen_at) * 1000000)::bigint, host(ip), agent from session "
	"where user_id = $1::bigint and kind = 'cookie' and ended_at is null and expires_at > "
	"now() "
	"and (idle is null or seen_at > now() - idle) order by seen_at desc, session_id desc "
	"limit 100");
STMT(end_one, "session.end_one", 2,
	"update session set ended_at = now() where session_id = $1::bigint "
	"and user_id = $2::bigint and kind = 'cookie' and ended_at is null and expires_at > now()");

struct err *
session_list(struct request *rq, int64_t user, const char *path, struct json_object *items)
{
	const char *lang = lang_tag(request_lang(rq));
	struct rows *r;

	TRY(tx_query(rq->tx, &list_sessions, VALS(val_i64(user)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(items);
		int64_t id = rows_i64(r, i, 0);

		model_i64(o, "id", id);
		model_text(o, "created_at", time_rfc3339(rq->a, rows_i64(r, i, 1)));
		model_text(o, "seen_at", time_rfc3339(rq->a, rows_i64(r, i, 2)));
		model_text(o, "ip", rows_text(r, i, 3));
		model_text(o, "agent", rows_text(r, i, 4));
		model_bool(o, "current", id == rq->principal->session_id);
		if (rq->api)
			continue;
		model_text(o, "created", time_show(rq->a, rows_i64(r, i, 1), lang));
		model_text(o, "seen", time_show(rq->a, rows_i64(r, i, 2), lang));
		model_text(o, "end_url", arena_printf(rq->a, "%s/%lld/end", path, (long long)id));
	}
	return NULL;
}

struct err *
session_end(struct request *rq, int64_t user, int64_t session)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &end_one, VALS(val_i64(session), val_i64(user)), &r));
	return rows_affected(r) == 1 ? NULL : err_new(rq->a, ERR_NOT_FOUND, NULL);
}
