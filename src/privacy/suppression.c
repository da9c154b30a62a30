/* SPDX-License-Identifier: ISC */
#include "suppression.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "phone.h"
#include "sqlb.h"
#include "suppress.h"
#include "text.h"

STMT(widen, "suppression.widen", 0, "select gate_widen()");
STMT(narrow, "suppression.narrow", 1, "select gate_narrow($1::bigint, 'view')");
STMT(standing, "suppression.standing", 1,
	"select (min(since) filter (where kind = 'erased') at time zone "
	"'Asia/Hong_Kong')::date::text, "
	"(min(returned_at) filter (where kind = 'erased') at time zone "
	"'Asia/Hong_Kong')::date::text, "
	"(min(since) filter (where kind = 'opt_out') at time zone 'Asia/Hong_Kong')::date::text "
	"from suppression where digest = $1");
STMT(come_back, "suppression.returned", 3,
	"update suppression set returned_at = now(), returned_by = $2::bigint, returned_how = $3 "
	"where digest = $1 and kind = 'erased' and returned_at is null returning suppression_id");

const char *const suppression_ways[] = {
	"counter", "phone", "email", "letter", "chat", "form", NULL};

/* ---- opting out */

/* As it is stored; NULL when it is no number. */
static const char *
number_of(struct arena *a, const char *text)
{
	char out[PHONE_SIZE];

	return text != NULL && phone_normalise(text, out) ? arena_strdup(a, out) : NULL;
}

/* Numbers and addresses of the people, of whatever fields there are. */
static struct err *
read_people(const struct record_ctx *cx, const int64_t *contacts, size_t n, struct rows **r)
{
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select null::text");
	for (size_t i = 0; i < cx->cat->n; i++)
		if (suppress_field(&cx->cat->fields[i]) && !cx->cat->fields[i].sealed &&
			field_is_live(&cx->cat->fields[i]))
			sqlb_add(&b, ", r.%s", cx->cat->fields[i].column);
	sqlb_add(&b, " from contact r where r.contact_id = any (%s)",
		sqlb_val(&b, val_i64s(contacts, n), "bigint[]"));
	sqlb_queue(&b, cx->tx, "suppression.people", r);
	return tx_run(cx->tx);
}

struct err *
suppression_opt_out(struct request *rq, const int64_t *contacts, size_t n,
	struct json_object *particulars, const char *capacity)
{
	struct record_ctx cx = record_ctx_of(rq);
	const char **texts, *text;
	size_t k = 0, people = 0;
	struct rows *r = NULL;

	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	/* By the public form it is about nobody yet, and nobody there has a catalogue. */
	if (n > 0) {
		TRY(read_people(&cx, contacts, n, &r));
		people = rows_count(r);
	}
	texts = ARENA_ARRAY(rq->a, people * (people > 0 ? rows_columns(r) : 0) + 3, const char *);
	for (size_t i = 0; i < people; i++)
		for (size_t col = 1; col < rows_columns(r); col++)
			if (!rows_null(r, i, col))
				texts[k++] = rows_text(r, i, col);
	/* Of somebody who asks for another the number is not the other's. */
	if (capacity == NULL || strcmp(capacity, "self") == 0) {
		text = json_object_get_string(json_object_object_get(particulars, "email"));
		if (text != NULL)
			texts[k++] = text;
		text = number_of(rq->a,
			json_object_get_string(json_object_object_get(particulars, "phone")));
		if (text != NULL)
			texts[k++] = text;
	}
	suppress_add(&cx, "opt_out", texts, k, contacts, n);
	if (rq->principal != NULL && rq->principal->user_id != 0)
		tx_queue(rq->tx, &narrow, VALS(val_i64(rq->principal->user_id)), NULL);
	return tx_run(rq->tx);
}

/* ---- asking, and coming back */

/* What was typed, as it is stored. */
struct asked {
	const char *what; /* phone, email */
	const char *text;
	struct bytes digest;
};

static size_t
read_asked(struct request *rq, struct asked out[2], struct err **e)
{
	struct record_ctx cx = record_ctx_of(rq);
	const char *phone = request_text(rq, "phone"), *email = request_text(rq, "email");
	size_t n = 0;

	if (phone != NULL) {
		out[n] = (struct asked){.what = "phone", .text = number_of(rq->a, phone)};
		if (out[n].text == NULL)
			err_add_field(rq->a, e, "phone", "error.phone", NULL);
		else
			n++;
	}
	email = email != NULL ? text_clean(rq->a, email, false) : NULL;
	if (email != NULL) {
		out[n] = (struct asked){.what = "email", .text = email};
		if (strchr(email, '@') == NULL)
			err_add_field(rq->a, e, "email", "error.email", NULL);
		else
			n++;
	}
	if (n == 0 && *e == NULL)
		err_add_field(rq->a, e, "phone", "error.required", NULL);
	for (size_t i = 0; i < n; i++)
		out[i].digest = suppress_digest(&cx, out[i].text);
	return n;
}

static void
add_day(struct request *rq, struct json_object *o, const char *name, const struct rows *r,
	size_t col, struct json_object *lines)
{
	const char *day = rows_text(r, 0, col);

	model_text(o, name, day);
	if (!rq->api && day != NULL)
		model_push_text(lines, view_text(rq->a, request_lang(rq),
					       arena_printf(rq->a, "suppression.%s", name),
					       date_show(rq->a, day, lang_tag(request_lang(rq)))));
}

/* What stands about one of them; *blocked_r: it makes nobody anew. */
static struct err *
add_standing(struct request *rq, const struct asked *q, struct json_object *items, bool *blocked_r)
{
	struct json_object *o = model_item(items), *lines = rq->api ? NULL : model_list(o, "lines");
	struct rows *r;
	bool blocked;

	TRY(tx_query(rq->tx, &standing, VALS(val_bytes(q->digest)), &r));
	blocked = !rows_null(r, 0, 0) && rows_null(r, 0, 1);
	model_text(o, "what", q->what);
	model_bool(o, "blocked", blocked);
	model_bool(o, "marketing_stopped", !rows_null(r, 0, 0) || !rows_null(r, 0, 2));
	add_day(rq, o, "erased_on", r, 0, lines);
	add_day(rq, o, "returned_on", r, 1, lines);
	add_day(rq, o, "opted_out_on", r, 2, lines);
	if (!rq->api)
		model_text(o, "label", say_word(rq, "suppression", q->what));
	*blocked_r |= blocked;
	return NULL;
}

static void
page_of(struct request *rq, struct response *rp, bool blocked)
{
	struct json_object *page = response_page(rp), *list, *f;

	rp->template = "privacy/suppression";
	list = model_list(page, "crumbs");
	f = model_item(list);
	model_text(f, "label", say(rq, "requests.title"));
	model_text(f, "url", "/privacy");
	model_text(page, "title", say(rq, "suppression.title"));
	model_text(page, "subtitle", say(rq, "suppression.lead"));
	list = model_list(page, "fields");
	form_field(rq, list, "text", "phone", say(rq, "suppression.phone"), "");
	form_field(rq, list, "text", "email", say(rq, "suppression.email"), "");
	model_bool(page, "blocked", blocked);
	if (!blocked)
		return;
	f = form_field(rq, list, "choice", "how", say(rq, "suppression.how"), "");
	form_option(f, "", say(rq, "common.choose"));
	form_words(rq, f, suppression_ways, "suppression.way");
	form_hint(rq, f, "suppression.how_hint");
}

static struct err *
show(struct request *rq, struct response *rp)
{
	page_of(rq, rp, false);
	return NULL;
}

static struct err *
answer(struct request *rq, struct response *rp, const struct asked *asked, size_t n)
{
	struct json_object *items = model_list(response_data(rp), "items");
	bool blocked = false;

	for (size_t i = 0; i < n; i++)
		TRY(add_standing(rq, &asked[i], items, &blocked));
	if (!rq->api)
		page_of(rq, rp, blocked);
	return NULL;
}

static struct err *
refuse(struct request *rq, struct response *rp, struct err *e)
{
	if (rq->api)
		return e;
	response_errors(rp, rq, e);
	page_of(rq, rp, request_has(rq, "how"));
	return NULL;
}

static struct err *
check(struct request *rq, struct response *rp)
{
	struct asked asked[2];
	struct err *e = NULL;
	size_t n = read_asked(rq, asked, &e);

	if (e != NULL)
		return refuse(rq, rp, e);
	audit_queue_one(rq->tx, rq->a, "search", "suppression", 0, 0, NULL);
	return answer(rq, rp, asked, n);
}

static struct err *
lift(struct request *rq, struct bytes digest, const char *how, bool *lifted_r)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &come_back,
		VALS(val_bytes(digest), val_i64(rq->principal->user_id), val_text(how)), &r));
	*lifted_r = rows_count(r) > 0;
	if (*lifted_r)
		audit_queue_one(
			rq->tx, rq->a, "update", "suppression", rows_i64(r, 0, 0), 0, "came_back");
	return NULL;
}

struct err *
suppression_return(struct request *rq, const char *text, const char *how, bool *lifted_r)
{
	struct record_ctx cx = record_ctx_of(rq);

	return lift(rq, suppress_digest(&cx, text), how, lifted_r);
}

/* Somebody is here again by an act of their own: from now on a record can be made. */
static struct err *
returned(struct request *rq, struct response *rp)
{
	struct err *e = NULL;
	struct asked asked[2];
	size_t n = read_asked(rq, asked, &e), lifted = 0;
	const char *how = form_word(rq, "how", suppression_ways, &e);
	bool one;

	if (e != NULL)
		return refuse(rq, rp, e);
	for (size_t i = 0; i < n; i++) {
		TRY(lift(rq, asked[i].digest, how, &one));
		lifted += one;
	}
	if (lifted == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.not_blocked");
	response_flash(rp, "flash.came_back");
	if (rq->api)
		return answer(rq, rp, asked, n);
	response_go(rp, rq, "/contacts/new");
	return NULL;
}

static const struct param check_params[] = {
	{"phone", P_TEXT, IN_BODY, 0, 40, false},
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	PARAM_END,
};
static const struct param returned_params[] = {
	{"phone", P_TEXT, IN_BODY, 0, 40, false},
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	{"how", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route suppression_routes[] = {
	ROUTE(READ, GET, "/privacy/suppression", ON_PAGE, "", RIGHT_RUN_REQUESTS, "", show, NULL,
		NULL, "privacy/suppression", "suppression.show"),
	ROUTE(WRITE, POST, "/privacy/suppression", ON_BOTH, "", RIGHT_RUN_REQUESTS, "search", check,
		check_params, NULL, "privacy/suppression", "suppression.check"),
	ROUTE(WRITE, POST, "/privacy/suppression/returned", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", returned, returned_params, NULL, "privacy/suppression",
		"suppression.returned"),
	ROUTE_END,
};
