/* SPDX-License-Identifier: ISC */
#include "export_mail.h"

#include <string.h>

#include "outbox.h"

STMT(about, "export_mail.about", 1,
	"select e.kind, e.entity, coalesce(e.approved, e.asked), u.name, d.name, e.created_by "
	"from export e left join app_user u on u.user_id = e.created_by "
	"left join app_user d on d.user_id = e.decided_by where e.export_id = $1::bigint");
/* Whoever manages users is an administrator, whatever the profile is called. */
STMT(administrators, "export_mail.administrators", 0,
	"select u.user_id, u.email, u.name, u.language from app_user u "
	"join profile_right r using (profile_id) "
	"where u.active and r.entity = '' and r.\"right\" = 'manage_users' order by u.user_id");
STMT(asker, "export_mail.asker", 1,
	"select user_id, email, name, language from app_user where user_id = $1::bigint and "
	"active");

/* token NULL: the link is to the page of the export. */
static void
add_facts(const struct record_ctx *cx, const struct rows *r, int64_t id, const char *what,
	const char *token, struct outgoing *m)
{
	const char *key = export_what(cx->a, rows_text(r, 0, 0), rows_text(r, 0, 1));

	m->subject_arg = cx->tenant->name;
	m->data = model_object(cx->a);
	model_text(m->data, "workspace", cx->tenant->name);
	model_text(m->data, "name", m->name);
	model_text(m->data, "what", what);
	model_text(m->data, "who", rows_text(r, 0, 3) != NULL ? rows_text(r, 0, 3) : "");
	model_text(m->data, "by", rows_text(r, 0, 4));
	model_text(m->data, "records", view_text(cx->a, m->lang, key, NULL));
	model_i64(m->data, "count", rows_i64(r, 0, 2));
	model_text(m->data, "code", export_code(cx->a, id));
	model_text(m->data, "link",
		token != NULL
			? arena_printf(cx->a, "%s/workspace/exports/%s", cx->tenant->origin, token)
			: arena_printf(
				  cx->a, "%s/exports/%lld", cx->tenant->origin, (long long)id));
}

static struct err *
send_to(const struct record_ctx *cx, int64_t id, const char *what, const char *token,
	const struct rows *facts, const struct rows *people)
{
	for (size_t i = 0; i < rows_count(people); i++) {
		struct outgoing m = {.kind = "export",
			.user_id = rows_i64(people, i, 0),
			.to = rows_text(people, i, 1),
			.name = rows_text(people, i, 2),
			.lang = lang_parse(rows_text(people, i, 3)),
			.created_by = cx->principal->user_id};

		add_facts(cx, facts, id, what, token, &m);
		TRY(outbox_add(cx->tx, cx->a, &cx->tenant->kek, &m));
	}
	return NULL;
}

struct err *
export_raised(const struct record_ctx *cx, const struct settings *st, int64_t before, int64_t now)
{
	struct rows *people;

	if (st->mail_relay == NULL)
		return NULL;
	TRY(tx_query(cx->tx, &administrators, NO_VALS, &people));
	for (size_t i = 0; i < rows_count(people); i++) {
		struct outgoing m = {.kind = "guard",
			.user_id = rows_i64(people, i, 0),
			.to = rows_text(people, i, 1),
			.name = rows_text(people, i, 2),
			.lang = lang_parse(rows_text(people, i, 3)),
			.subject_arg = cx->tenant->name,
			.data = model_object(cx->a),
			.created_by = cx->principal->user_id};

		model_text(m.data, "workspace", cx->tenant->name);
		model_text(m.data, "name", m.name);
		model_text(m.data, "who", cx->principal->name);
		model_i64(m.data, "before", before);
		model_i64(m.data, "now", now);
		model_text(m.data, "link", arena_printf(cx->a, "%s/exports", cx->tenant->origin));
		TRY(outbox_add(cx->tx, cx->a, &cx->tenant->kek, &m));
	}
	return NULL;
}

struct err *
export_alert(const struct record_ctx *cx, const struct settings *st, int64_t id, const char *what)
{
	struct rows *facts, *people;

	if (st->mail_relay == NULL)
		return NULL;
	tx_queue(cx->tx, &about, VALS(val_i64(id)), &facts);
	TRY(tx_query(cx->tx, &administrators, NO_VALS, &people));
	return send_to(cx, id, what, NULL, facts, people);
}

static struct err *
tell(const struct record_ctx *cx, const struct settings *st, int64_t id, const char *what,
	const char *token)
{
	struct rows *facts, *people;

	if (st->mail_relay == NULL)
		return NULL;
	TRY(tx_query(cx->tx, &about, VALS(val_i64(id)), &facts));
	TRY(tx_query(cx->tx, &asker, VALS(val_i64(rows_i64(facts, 0, 5))), &people));
	return send_to(cx, id, what, token, facts, people);
}

struct err *
export_tell(const struct record_ctx *cx, const struct settings *st, int64_t id, const char *what)
{
	return tell(cx, st, id, what, NULL);
}

struct err *
export_ready(const struct record_ctx *cx, const struct settings *st, int64_t id, const char *token)
{
	return tell(cx, st, id, "you_ready", token);
}
