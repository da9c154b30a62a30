/* SPDX-License-Identifier: ISC */
/* The page of the workspace and its end; what the law expects of its owner. */
#include <string.h>

#include "closing_part.h"
#include "controls.h"
#include "date.h"
#include "law_words.h"
#include "model.h"

STMT(widen, "closing.widen", 0, "select gate_widen()");
/* Counted, whoever asks: nothing of a person comes out. */
STMT(duties, "closing.duties", 0,
	"select 'requests', requests_open(), null::date::text, null::text "
	"union all select 'invoices', count(*), max(keep_until)::text, (select law from law_term "
	"where code = 'business_records' and from_on <= hk_today() order by from_on desc limit 1) "
	"from invoice where keep_until >= hk_today() "
	"union all select 'log_book', count(b.entry_id), (max(b.entered_at at time zone "
	"'Asia/Hong_Kong') + "
	"t.term)::date::text, t.law from (select term, law from law_term where code = 'log_book' "
	"and from_on <= hk_today() order by from_on desc limit 1) t left join log_book b on "
	"b.entered_at > now() - t.term group by t.term, t.law "
	"union all select 'kept', count(*), max(until)::text, null from kept_field "
	"where until >= hk_today()");

struct err *
closing_duties(struct request *rq, struct json_object *list)
{
	struct rows *r;

	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	TRY(tx_query(rq->tx, &duties, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		bool any = rows_i64(r, i, 1) > 0;

		model_text(o, "what", rows_text(r, i, 0));
		model_i64(o, "count", rows_i64(r, i, 1));
		model_text(o, "until", any && !rows_null(r, i, 2) ? rows_text(r, i, 2) : NULL);
		model_text(o, "law", rows_null(r, i, 3) ? NULL : rows_text(r, i, 3));
	}
	return NULL;
}

static const char *
text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static const char *
link_of(const char *what)
{
	if (strcmp(what, "requests") == 0)
		return "/privacy/requests";
	if (strcmp(what, "invoices") == 0)
		return "/invoices";
	return strcmp(what, "log_book") == 0 ? "/privacy/logbook" : NULL;
}

/* The duties in words. */
static void
add_duties(struct request *rq, struct json_object *in, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(in); i++) {
		struct json_object *d = json_object_array_get_idx(in, i), *o = model_item(list);
		const char *what = text_of(d, "what"), *until = text_of(d, "until");

		model_text(o, "title", say_word(rq, "closing.duty", what));
		model_text(o, "text",
			say_word(rq, "closing.duty", arena_printf(rq->a, "%s_text", what)));
		model_i64(o, "count", json_object_get_int64(json_object_object_get(d, "count")));
		model_text(o, "url", link_of(what));
		model_text(o, "law", law_shown(rq->a, request_lang(rq), text_of(d, "law")));
		if (until != NULL)
			model_text(o, "until", date_show(rq->a, until, lang_tag(request_lang(rq))));
	}
}

void
closing_page(struct request *rq, struct response *rp, const char *state, const struct rows *r)
{
	struct json_object *page = response_page(rp), *f, *in;
	enum lang l = request_lang(rq);

	model_text(page, "title", say(rq, "closing.title"));
	model_crumb(page, say(rq, "settings.title"), "/settings");
	model_text(page, "state", state);
	model_i64(page, "requests", rows_i64(r, 0, CLOSING_REQUESTS));
	model_bool(
		page, "closer", principal_may(rq->principal, ENTITY_NONE, RIGHT_CLOSE_WORKSPACE));
	model_text(page, "origin", rq->tenant->origin);
	model_bool(page, "mine",
		rows_i64(r, 0, CLOSING_ASKED_BY) == rq->principal->user_id &&
			rows_i64(r, 0, CLOSING_OTHERS) > 0);
	model_bool(page, "second", rows_i64(r, 0, CLOSING_OTHERS) > 0);
	if (strcmp(state, "asked") == 0)
		model_text(page, "asked",
			view_text(rq->a, l, "closing.asked_by", rows_text(r, 0, CLOSING_ASKER)));
	if (strcmp(state, "closing") == 0)
		model_text(page, "ends",
			view_text(rq->a, l, "closing.ends",
				time_show(rq->a, rows_i64(r, 0, CLOSING_CLOSES_AT), lang_tag(l))));
	in = json_object_object_get(response_data(rp), "duties");
	if (in != NULL)
		add_duties(rq, in, model_list(page, "duties"));
	f = form_field(rq, model_list(page, "fields"), "text", "confirm",
		view_text(rq->a, l, "closing.confirm", rq->tenant->slug), "");
	form_required(f);
	rp->template = "settings/closing";
}
