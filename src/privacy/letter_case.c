/* SPDX-License-Identifier: ISC */
/* The letters of a case on its page: what was written, and what its steps still ask for. */
#include "letter.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "date.h"

STMT(list_letters, "letter.list", 1,
	"select l.letter_id, l.letter, l.language, (extract(epoch from l.created_at) * "
	"1000000)::bigint, l.sent_how, l.sent_on::text, o.state from letter l "
	"left join outbox o on o.outbox_id = l.outbox_id where l.request_id = $1::bigint "
	"order by l.letter_id desc limit 100");
STMT(list_due, "letter.due", 1, "select action, letter, law from letters_due($1::bigint)");
STMT(list_all, "letter.all", 1,
	"select u.letter from letter_use u where u.request_kind = $1 group by u.letter "
	"order by min(u.position)");
STMT(find_of_step, "letter.of_step", 3,
	"select u.letter, u.law, u.goes_first from letter_use u where u.request_kind = $1 and "
	"u.action = $2 "
	"and not (u.letter = 'held' and $3::boolean) and not (u.letter = 'copy' and not "
	"$3::boolean) "
	"order by u.position limit 1");

static void
add_written(struct request *rq, const struct privacy_case *c, const struct rows *r,
	struct json_object *list)
{
	const char *tag = lang_tag(request_lang(rq));

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		bool failed = !rows_null(r, i, 6) && strcmp(rows_text(r, i, 6), "failed") == 0;

		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(o, "letter", rows_text(r, i, 1));
		model_text(o, "language", rows_text(r, i, 2));
		model_text(o, "created_at", time_rfc3339(rq->a, rows_i64(r, i, 3)));
		model_text(o, "sent_how", rows_text(r, i, 4));
		model_text(o, "sent_on", rows_text(r, i, 5));
		model_text(o, "mail_state", rows_text(r, i, 6));
		if (rq->api)
			continue;
		model_text(o, "name", say_word(rq, "letters.name", rows_text(r, i, 1)));
		model_text(o, "url",
			arena_printf(rq->a, "/privacy/requests/%lld/letters/%lld", (long long)c->id,
				(long long)rows_i64(r, i, 0)));
		model_bool(o, "waits", failed || rows_null(r, i, 4));
		model_text(o, "when",
			failed               ? say(rq, "letters.failed")
			: rows_null(r, i, 5) ? say(rq, "letters.not_sent")
					     : date_show(rq->a, rows_text(r, i, 5), tag));
	}
}

static void
add_due(struct request *rq, const struct privacy_case *c, const struct rows *r,
	struct json_object *list)
{
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);

		model_text(o, "action", rows_text(r, i, 0));
		model_text(o, "letter", rows_text(r, i, 1));
		model_text(o, "law", rows_text(r, i, 2));
		if (rq->api)
			continue;
		model_text(o, "name", say_word(rq, "letters.name", rows_text(r, i, 1)));
		model_text(o, "url", letter_new_url(rq, c, rows_text(r, i, 1)));
		if (!rows_null(r, i, 2))
			model_text(o, "by_law",
				view_text(rq->a, request_lang(rq), "letters.by_law",
					rows_text(r, i, 2)));
	}
}

struct err *
case_letters(struct request *rq, const struct privacy_case *c, struct json_object *data,
	struct json_object *page)
{
	struct rows *written, *due, *all;
	struct json_object *f;

	tx_queue(rq->tx, &list_letters, VALS(val_i64(c->id)), &written);
	tx_queue(rq->tx, &list_all, VALS(val_text(c->kind)), &all);
	TRY(tx_query(rq->tx, &list_due, VALS(val_i64(c->id)), &due));
	add_written(rq, c, written, model_list(data, "letters"));
	add_due(rq, c, due, model_list(data, "letters_due"));
	if (page == NULL || !c->opens ||
		!principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		return NULL;
	model_bool(page, "writes", true);
	f = form_field(
		rq, model_list(page, "letter_new"), "choice", "kind", say(rq, "letters.which"), "");
	form_required(f);
	for (size_t i = 0; i < rows_count(all); i++)
		form_option(f, rows_text(all, i, 0),
			say_word(rq, "letters.name", rows_text(all, i, 0)));
	return NULL;
}

struct err *
letter_of_step(
	struct request *rq, const struct privacy_case *c, const char *action, struct step_letter *l)
{
	const char *name;
	struct rows *r;

	*l = (struct step_letter){.letter = NULL};
	TRY(tx_query(rq->tx, &find_of_step,
		VALS(val_text(c->kind), val_text(action), val_bool(c->limb_b)), &r));
	if (rows_count(r) == 0)
		return NULL;
	l->letter = rows_text(r, 0, 0);
	l->first = rows_bool(r, 0, 2);
	name = say_word(rq, "letters.name", l->letter);
	if (!rows_null(r, 0, 1))
		name = arena_printf(rq->a, "%s (%s)", name,
			view_text(rq->a, request_lang(rq), "letters.by_law", rows_text(r, 0, 1)));
	l->text = view_text(
		rq->a, request_lang(rq), l->first ? "letters.first" : "letters.of_step", name);
	return NULL;
}

const char *
letter_new_url(struct request *rq, const struct privacy_case *c, const char *letter)
{
	return arena_printf(
		rq->a, "/privacy/requests/%lld/letters/new?kind=%s", (long long)c->id, letter);
}
