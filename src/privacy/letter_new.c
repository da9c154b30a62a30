/* SPDX-License-Identifier: ISC */
/*
 * A letter is begun from a template and written once. What it says is sealed under the
 * case's key and goes with it.
 */
#include "letter_part.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "job.h"
#include "text.h"

STMT(list_kinds, "letter.kinds", 1,
	"select u.letter from letter_use u where u.request_kind = $1 group by u.letter "
	"order by min(u.position)");
STMT(find_law, "letter.law", 2,
	"select max(law) from letter_use where request_kind = $1 and letter = $2");
STMT(insert, "letter.insert", 4,
	"insert into letter (request_id, letter, language, sealed) values ($1::bigint, $2, $3, $4) "
	"returning letter_id");

static struct err *
check_kind(struct request *rq, const struct privacy_case *c, const char *letter, struct err **e)
{
	bool fits = false;
	struct rows *r;

	TRY(tx_query(rq->tx, &list_kinds, VALS(val_text(c->kind)), &r));
	for (size_t i = 0; letter != NULL && i < rows_count(r); i++)
		fits |= strcmp(rows_text(r, i, 0), letter) == 0;
	if (!fits)
		err_add_field(rq->a, e, "letter",
			letter == NULL ? "error.required" : "error.choice", NULL);
	return NULL;
}

/* The request's own, unless another is asked for. */
static const char *
language_of(struct request *rq, const struct privacy_case *c, struct err **e)
{
	const char *typed = request_text(rq, "language");

	if (typed == NULL)
		typed = request_text(rq, "in");
	if (typed == NULL)
		return c->language;
	for (const char *const *l = letter_languages; *l != NULL; l++)
		if (strcmp(*l, typed) == 0)
			return *l;
	err_add_field(rq->a, e, "language", "error.choice", NULL);
	return c->language;
}

static void
hidden(struct json_object *list, const char *name, const char *value)
{
	struct json_object *o = model_item(list);

	model_text(o, "type", "hidden");
	model_text(o, "name", name);
	model_text(o, "value", value);
}

static void
field(struct request *rq, struct json_object *list, const char *type, const char *name,
	const char *value, int64_t max)
{
	struct json_object *f = form_field(rq, list, type, name,
		say_word(rq, "letters", arena_printf(rq->a, "%s_title", name)),
		value != NULL ? value : "");

	model_i64(f, "max", max);
	if (strcmp(name, "to") != 0)
		model_bool(f, "wide", true);
	if (strcmp(name, "body") == 0) {
		model_i64(f, "rows", 22);
		form_hint(rq, f, "letters.body_hint");
	}
}

static struct err *
new_page(struct request *rq, struct response *rp, const struct privacy_case *c, const char *letter,
	const char *language)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields");
	struct letter_draft d;
	struct rows *r;

	TRY(letter_begin(rq, c, letter, language, &d));
	TRY(tx_query(rq->tx, &find_law, VALS(val_text(c->kind), val_text(letter)), &r));
	rp->template = "privacy/letter_new";
	letter_crumbs(rq, c, page);
	model_text(page, "title", say_word(rq, "letters.name", letter));
	if (!rows_null(r, 0, 0))
		model_text(page, "law",
			view_text(rq->a, request_lang(rq), "letters.by_law", rows_text(r, 0, 0)));
	model_text(page, "action",
		arena_printf(rq->a, "/privacy/requests/%lld/letters", (long long)c->id));
	model_text(page, "cancel_url",
		arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id));
	hidden(list, "letter", letter);
	hidden(list, "language", language);
	field(rq, list, "text", "to", d.to, 200);
	field(rq, list, "long_text", "address", d.address, 400);
	field(rq, list, "text", "subject", d.subject, LETTER_SUBJECT_MAX);
	field(rq, list, "long_text", "body", d.body, LETTER_BODY_MAX);
	return NULL;
}

static struct err *
begin(struct request *rq, struct response *rp)
{
	const char *letter = request_text(rq, "letter"), *language;
	struct privacy_case c;
	struct err *e = NULL;

	if (letter == NULL)
		letter = request_text(rq, "kind");
	TRY(case_load(rq, request_id(rq, 0), &c));
	language = language_of(rq, &c, &e);
	TRY(check_kind(rq, &c, letter, &e));
	if (e != NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (!c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
	case_log(rq, "view", &c);
	return new_page(rq, rp, &c, letter, language);
}

/* A program may leave it to us; a form has what was left in it. */
static const char *
typed(struct request *rq, const char *name, const char *preset, bool lines)
{
	const char *text = request_text(rq, name);

	if (text == NULL)
		return rq->api ? preset : NULL;
	return text_clean(rq->a, text, lines);
}

/* What is kept of it, as it stands when it is written. */
static struct err *
text_of(struct request *rq, const struct privacy_case *c, const char *letter, const char *language,
	const char **text_r, struct err **e)
{
	struct json_object *o = model_object(rq->a);
	struct letter_draft d;
	struct letter_head h;
	const char *texts[2];

	TRY(letter_begin(rq, c, letter, language, &d));
	TRY(letter_head_of(rq, language, &h));
	texts[0] = typed(rq, "subject", d.subject, false);
	texts[1] = typed(rq, "body", d.body, true);
	for (size_t i = 0; i < 2; i++) {
		const char *name = i == 0 ? "subject" : "body";

		if (texts[i] == NULL)
			err_add_field(rq->a, e, name, "error.required", NULL);
		else if (strstr(texts[i], LETTER_BLANK) != NULL)
			err_add_field(rq->a, e, name, "error.letter_blank", NULL);
		model_text(o, name, texts[i]);
	}
	model_text(o, "to", typed(rq, "to", d.to, false));
	model_text(o, "address", typed(rq, "address", d.address, true));
	model_text(o, "email", d.email);
	model_text(o, "reference", c->reference);
	model_text(o, "head", h.name);
	model_text(o, "head_address", h.address);
	model_text(o, "head_contact", h.contact);
	*text_r = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	return NULL;
}

static struct err *
enqueue_pdf(struct request *rq, int64_t id)
{
	struct json_object *args = model_object(rq->a);
	int64_t job;

	model_i64(args, "letter", id);
	return job_enqueue(rq->tx, rq->a, "letter_pdf", args, NULL, rq->principal->user_id, &job);
}

static struct err *
write_letter(struct request *rq, struct response *rp)
{
	const char *letter = request_text(rq, "letter"), *language, *text = NULL;
	struct privacy_case c;
	struct letter_row l;
	struct err *e = NULL;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	language = language_of(rq, &c, &e);
	TRY(check_kind(rq, &c, letter, &e));
	if (e != NULL)
		return e;
	if (!c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
	TRY(text_of(rq, &c, letter, language, &text, &e));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return new_page(rq, rp, &c, letter, language);
	}
	TRY(tx_query(rq->tx, &insert,
		VALS(val_i64(c.id), val_text(letter), val_text(language),
			val_bytes(case_seal(rq, &c, "letter", text))),
		&r));
	letter_note(rq, &c, "letter", rows_i64(r, 0, 0), letter, NULL);
	TRY(enqueue_pdf(rq, rows_i64(r, 0, 0)));
	case_log(rq, "create", &c);
	rp->status = 201;
	response_go(rp, rq, "%s", letter_url(rq, c.id, rows_i64(r, 0, 0)));
	if (!rq->api)
		return tx_run(rq->tx);
	TRY(letter_load(rq, &c, rows_i64(r, 0, 0), &l));
	letter_model(rq, &l, response_data(rp));
	return NULL;
}

static const struct param begin_params[] = {
	{"kind", P_TEXT, IN_QUERY, 0, 40, false},
	{"in", P_TEXT, IN_QUERY, 0, 20, false},
	PARAM_END,
};
static const struct param write_params[] = {
	{"letter", P_TEXT, IN_BODY, 0, 40, true},
	{"language", P_TEXT, IN_BODY, 0, 20, false},
	{"to", P_TEXT, IN_BODY, 0, 200, false},
	{"address", P_LONG, IN_BODY, 0, 400, false},
	{"subject", P_TEXT, IN_BODY, 0, LETTER_SUBJECT_MAX, false},
	{"body", P_LONG, IN_BODY, 0, LETTER_BODY_MAX, false},
	PARAM_END,
};
const struct route letter_new_routes[] = {
	ROUTE(READ, GET, "/privacy/requests/{id}/letters/new", ON_PAGE, "", RIGHT_RUN_REQUESTS,
		"view", begin, begin_params, NULL, "privacy/letter_new", "letter.new"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/letters", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"create", write_letter, write_params, NULL, "privacy/letter_new", "letter.create"),
	ROUTE_END,
};
