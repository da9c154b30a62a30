/* SPDX-License-Identifier: ISC */
/* Asking for the letters: what they say, in both languages, and how they go. */
#include "breach_letter.h"

#include <string.h>

#include "controls.h"
#include "job.h"
#include "text.h"

#define TEXT_MAX_CHARS 4000

STMT(frozen_lists, "breach_letter.lists", 1,
	"select exposure_id, people from exposure where incident_id = $1::bigint and state = "
	"'frozen' order by exposure_id desc limit 50");
STMT(asked, "breach_letter.asked", 3,
	"insert into incident_event (incident_id, action, note, data) values ($1::bigint, "
	"'letters', $2, $3::jsonb) returning event_id");

static const char *const ways[] = {"print", "email", NULL};
static const char *const texts[] = {
	"about_en", "about_zh", "advice_en", "advice_zh", "enquiries", NULL};

static struct err *
form(struct request *rq, struct response *rp, const struct incident *in)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields"), *f;
	const char *url = arena_printf(rq->a, "/privacy/incidents/%lld", (long long)in->id);
	struct rows *r;

	TRY(tx_query(rq->tx, &frozen_lists, VALS(val_i64(in->id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.no_list");
	rp->template = "privacy/step";
	incident_crumbs(rq, in, page);
	model_text(page, "title", say(rq, "breach.title"));
	model_text(page, "law", say(rq, "breach.law"));
	model_text(page, "action", arena_printf(rq->a, "%s/letters", url));
	model_text(page, "cancel_url", url);
	f = incident_field(rq, list, "choice", "list", rows_text(r, 0, 0));
	form_required(f);
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(f, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0)),
			arena_printf(rq->a, "%lld: %s", (long long)rows_i64(r, i, 0),
				count_text(rq, "incidents.people", rows_i64(r, i, 1))));
	f = incident_field(rq, list, "choice", "by", "print");
	form_required(f);
	form_words(rq, f, ways, "breach.by");
	for (const char *const *t = texts; *t != NULL; t++) {
		f = incident_field(rq, list, "long_text", *t, "");
		form_required(f);
	}
	return NULL;
}

static struct err *
open_for(struct request *rq, struct incident *in)
{
	TRY(incident_load(rq, request_id(rq, 0), in));
	if (*in->told_lacks == '\0')
		return NULL;
	return err_new(rq->a, ERR_CONFLICT,
		arena_printf(rq->a, "error.incident_lack.%s",
			arena_strndup(rq->a, in->told_lacks, strcspn(in->told_lacks, ","))));
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	struct incident in;

	TRY(open_for(rq, &in));
	return form(rq, rp, &in);
}

static struct err *
read_list(struct request *rq, const struct incident *in, int64_t *list_r, struct err **e)
{
	struct rows *r;

	*list_r = request_i64(rq, "list", 0);
	TRY(tx_query(rq->tx, &frozen_lists, VALS(val_i64(in->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		if (rows_i64(r, i, 0) == *list_r)
			return NULL;
	err_add_field(rq->a, e, "list", *list_r == 0 ? "error.required" : "error.reference", NULL);
	return NULL;
}

static struct err *
start(struct request *rq, struct response *rp)
{
	struct json_object *note = model_object(rq->a), *data = model_object(rq->a);
	const char *by;
	struct err *e = NULL;
	struct incident in;
	int64_t list, job;
	struct rows *r;

	TRY(open_for(rq, &in));
	TRY(read_list(rq, &in, &list, &e));
	by = form_word(rq, "by", ways, &e);
	for (const char *const *t = texts; *t != NULL; t++) {
		const char *text = request_text(rq, *t);

		text = text != NULL ? text_clean(rq->a, text, true) : NULL;
		if (text == NULL)
			err_add_field(rq->a, &e, *t, "error.required", NULL);
		model_text(note, *t, text);
	}
	if (by != NULL && strcmp(by, "email") == 0 && gate_settings()->mail_relay == NULL)
		err_add_field(rq->a, &e, "by", "error.no_mail", NULL);
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return form(rq, rp, &in);
	}
	model_i64(data, "list", list);
	model_text(data, "by", by);
	TRY(tx_query(rq->tx, &asked,
		VALS(val_i64(in.id),
			val_bytes(incident_seal(rq, &in, "letters",
				json_object_to_json_string_ext(note, JSON_C_TO_STRING_PLAIN))),
			val_text(json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN))),
		&r));
	data = model_object(rq->a);
	model_i64(data, "incident", in.id);
	model_i64(data, "letters", rows_i64(r, 0, 0));
	TRY(job_enqueue(rq->tx, rq->a, "breach_letters", data, NULL, rq->principal->user_id, &job));
	incident_log(rq, "export", in.id, "letters_asked");
	rp->status = 202;
	if (rq->api)
		model_i64(response_data(rp), "job", job);
	response_go(rp, rq, "/jobs/%lld", (long long)job);
	return NULL;
}

static const struct param start_params[] = {
	{"list", P_I64, IN_BODY, 1, 0, false},
	{"by", P_TEXT, IN_BODY, 0, 10, false},
	{"about_en", P_LONG, IN_BODY, 0, TEXT_MAX_CHARS, false},
	{"about_zh", P_LONG, IN_BODY, 0, TEXT_MAX_CHARS, false},
	{"advice_en", P_LONG, IN_BODY, 0, TEXT_MAX_CHARS, false},
	{"advice_zh", P_LONG, IN_BODY, 0, TEXT_MAX_CHARS, false},
	{"enquiries", P_LONG, IN_BODY, 0, 1000, false},
	PARAM_END,
};

/* It leaves the business, to many: with a fresh proof of who asks for it. */
const struct route breach_letter_routes[] = {
	ROUTE(READ, GET, "/privacy/incidents/{id}/letters", ON_PAGE, "", RIGHT_RUN_REQUESTS, "view",
		ask, NULL, NULL, "privacy/step", "breach_letter.ask"),
	ROUTE(WRITE, POST, "/privacy/incidents/{id}/letters", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"export", start, start_params, NULL, "privacy/step", "breach_letter.start"),
	ROUTE_END,
};
