/* SPDX-License-Identifier: ISC */
/*
 * What the log says of a person, on paper and for that person, in either language: what
 * was changed, who has seen which fields, what left. Staff appear by what they do, with the
 * letters that an export of the person has; where they sat is left out.
 */
#include <string.h>

#include "audit_person.h"
#include "controls.h"
#include "date.h"
#include "event.h"

/* Pages that are put together; more is said to be there. */
#define CHANGES 200
#define PAGES 25
#define PRINT_MAX ((size_t)16 * 1024 * 1024)

STMT(staff_list, "audit.staff", 0,
	"select u.user_id, p.name, p.builtin, u.name from app_user u join profile p using "
	"(profile_id) order by u.user_id");
STMT(today, "audit.now", 0, "select (extract(epoch from now()) * 1000000)::bigint");

/* 0 -> A, 25 -> Z, 26 -> AA. */
static const char *
letter_of(struct arena *a, size_t n)
{
	char text[16];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	do {
		text[--at] = (char)('A' + n % 26);
		n = n / 26;
	} while (n-- > 0);
	return arena_strdup(a, text + at);
}

/* "Staff B (Sales staff)"; NULL: no user. By order of joining, as in an export. */
static const char *
staff(const struct record_ctx *cx, const struct rows *all, int64_t user)
{
	for (size_t i = 0; i < rows_count(all); i++) {
		const char *profile = rows_text(all, i, 1);

		if (rows_i64(all, i, 0) != user)
			continue;
		if (rows_bool(all, i, 2))
			profile = view_text(cx->a, cx->lang,
				arena_printf(cx->a, "export.profile.%s", profile), NULL);
		return arena_printf(cx->a, cx->lang == LANG_ZH ? "%s（%s）" : "%s (%s)",
			view_text(cx->a, cx->lang, "export.staff", letter_of(cx->a, i)), profile);
	}
	return NULL;
}

/* The name of whoever it was makes way for what they do. */
static void
hide_names(const struct record_ctx *cx, const struct rows *all, struct json_object *items,
	const char *user)
{
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *o = json_object_array_get_idx(items, i);
		const char *role =
			staff(cx, all, json_object_get_int64(json_object_object_get(o, user)));

		if (role != NULL)
			model_text(o, "who", role);
		json_object_object_del(o, "name");
		json_object_object_del(o, "actor_name");
		json_object_object_del(o, "for_whom");
	}
}

static struct err *
add_viewers(struct request *rq, const struct record_ctx *cx, int64_t id, struct json_object *page)
{
	struct json_object *items = model_list(page, "viewers");
	const char *at = NULL;
	int64_t behind = 0;
	int n = 0;

	do
		TRY(audit_viewers(rq, cx, id, &at, &behind, items));
	while (at != NULL && ++n < PAGES);
	model_bool(page, "more_viewers", at != NULL);
	return NULL;
}

static struct err *
add_changes(struct request *rq, const struct record_ctx *cx, int64_t id, struct json_object *page)
{
	struct audit_filter f = {.contact = id, .view = AUDIT_CHANGES};
	struct json_object *items = model_list(page, "changes");
	struct rows *r;
	struct sqlb b;
	size_t n;

	sqlb_init(&b, rq->a);
	audit_select(&b, cx, &f, NULL, 0, CHANGES, AUDIT_SPARE);
	sqlb_queue(&b, rq->tx, "audit.list", &r);
	TRY(tx_run(rq->tx));
	n = audit_count(r, CHANGES);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = model_item(items);

		audit_model(cx, r, i, o);
		audit_words(cx, r, i, o);
	}
	model_bool(page, "more_changes",
		audit_count(r, CHANGES + 1) > n || (rows_count(r) > 0 && rows_bool(r, 0, EV_MORE)));
	return NULL;
}

struct err *
audit_print(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	const char *language = request_text(rq, "language");
	struct json_object *page = response_page(rp);
	int64_t id = request_id(rq, 0);
	struct rows *there, *all, *now;
	struct err *e = NULL;
	struct sb sb;

	if (language != NULL && strcmp(lang_tag(lang_parse(language)), language) != 0) {
		err_add_field(rq->a, &e, "language", "error.choice", NULL);
		e->kind = ERR_BAD_REQUEST;
		return e;
	}
	if (language != NULL)
		cx.lang = lang_parse(language);
	audit_person_queue(rq, &there);
	tx_queue(rq->tx, &staff_list, NO_VALS, &all);
	tx_queue(rq->tx, &today, NO_VALS, &now);
	TRY(tx_run(rq->tx));
	if (rows_count(there) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(add_changes(rq, &cx, id, page));
	TRY(add_viewers(rq, &cx, id, page));
	audit_shown(&cx, "view", json_object_object_get(page, "changes"));
	hide_names(&cx, all, json_object_object_get(page, "changes"), "actor");
	hide_names(&cx, all, json_object_object_get(page, "viewers"), "user");
	audit_queue_one(rq->tx, rq->a, "view", "audit", 0, id, "printed");
	audit_person_named(rq, "view", id, rows_text(there, 0, 0));
	model_text(page, "person", rows_text(there, 0, 0));
	model_i64(page, "contact_id", id);
	model_text(page, "workspace", rq->tenant->name);
	model_text(page, "made", time_show(rq->a, rows_i64(now, 0, 0), lang_tag(cx.lang)));
	sb_init(&sb, rq->a, PRINT_MAX);
	TRY(view_page(rq->a, "audit_print", cx.lang, response_data(rp), page, NULL, &sb));
	rp->content_type = "text/html; charset=utf-8";
	rp->ready = sb.p;
	rp->ready_size = sb.n;
	return sb_ok(&sb) ? NULL : err_internal(rq->a, "the log of a person is too large to print");
}
