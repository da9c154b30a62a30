/* SPDX-License-Identifier: ISC */
/* What administrators are told of an end that comes. */
#include "closing_part.h"

#include "date.h"
#include "model.h"
#include "outbox.h"

STMT(administrators, "closing.administrators", 1,
	"select u.user_id, u.email, u.name, u.language from app_user u join profile_right r using "
	"(profile_id) where u.active and r.entity = '' and r.\"right\" = 'close_workspace' "
	"and u.user_id <> $1::bigint order by 1 limit 100");

struct err *
closing_tell(struct tx *tx, struct arena *a, const struct tenant *tn, const struct closing_news *n)
{
	struct rows *to;

	TRY(tx_query(tx, &administrators, VALS(val_i64(n->but)), &to));
	for (size_t i = 0; i < rows_count(to); i++) {
		struct outgoing m = {.kind = n->kind,
			.to = rows_text(to, i, 1),
			.name = rows_text(to, i, 2),
			.lang = lang_parse(rows_text(to, i, 3)),
			.user_id = rows_i64(to, i, 0),
			.subject_arg = tn->name};

		m.data = model_object(a);
		model_text(m.data, "workspace", tn->name);
		model_text(m.data, "name", m.name);
		model_text(m.data, "who", n->who);
		model_i64(m.data, "days", n->days);
		model_text(m.data, "at",
			n->closes_at != 0 ? time_show(a, n->closes_at, lang_tag(m.lang)) : NULL);
		model_text(m.data, "link", arena_printf(a, "%s/workspace", tn->origin));
		TRY(outbox_add(tx, a, &tn->kek, &m));
	}
	return NULL;
}
