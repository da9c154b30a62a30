/* SPDX-License-Identifier: ISC */
/*
 * The public form: a request by somebody who has no sign-in. It counts from the moment it
 * is sent, whether its mail address is confirmed or not, and nobody learns from it whether
 * anything is held on anybody: the answer is a reference, days, and a link (intake_link.c).
 */
#include "case_file.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "guard.h"
#include "letter.h"
#include "text.h"

STMT(widen, "intake.widen", 0, "select gate_widen()");

/* Requests an hour from one address of the network, and mails to one address. */
#define ADDRESS_REQUESTS 20
#define MAIL_REQUESTS 3
/* Of the statement that the form shows: goes with the request. */
#define NOTICE "2026-11"

static const char *const languages[] = {"en", "zh-Hant", NULL};
static const char *const forms[] = {"paper", "electronic", NULL};

/* ---- the form */

static struct json_object *
words_field(struct request *rq, struct json_object *list, const char *name,
	const char *const *words, const char *prefix, const char *value)
{
	struct json_object *f = form_field(rq, list, "choice", name,
		say_word(rq, "intake", arena_printf(rq->a, "%s_title", name)), value);

	form_words(rq, f, words, prefix);
	return f;
}

static struct json_object *
text_field(struct request *rq, struct json_object *list, const char *type, const char *name,
	int64_t max, const char *autocomplete)
{
	struct json_object *f = form_field(rq, list, type, name,
		say_word(rq, "intake", arena_printf(rq->a, "%s_title", name)), "");

	if (max > 0)
		model_i64(f, "max", max);
	if (autocomplete != NULL)
		model_text(f, "autocomplete", autocomplete);
	return f;
}

static void
first_fields(struct request *rq, struct json_object *list)
{
	struct json_object *f;

	f = words_field(rq, list, "kind", case_kinds, "intake.kind", "");
	form_required(f);
	model_bool(f, "wide", true);
	form_required(text_field(rq, list, "text", "name", 200, "name"));
	f = text_field(rq, list, "email", "email", 254, "email");
	form_required(f);
	form_hint(rq, f, "intake.email_hint");
	text_field(rq, list, "phone", "phone", 60, "tel");
	f = form_field(rq, list, "choice", "language", say(rq, "intake.language_title"),
		lang_tag(request_lang(rq)));
	form_languages(rq, f);
	form_required(f);
	f = text_field(rq, list, "long_text", "scope", 4000, NULL);
	form_hint(rq, f, "intake.scope_hint");
}

static void
more_fields(struct request *rq, struct json_object *list)
{
	struct json_object *f;

	f = text_field(rq, list, "text", "subject_reference", 200, NULL);
	form_hint(rq, f, "intake.subject_reference_hint");
	text_field(rq, list, "long_text", "address", 400, "street-address");
	text_field(rq, list, "date", "period_from", 0, NULL);
	text_field(rq, list, "date", "period_to", 0, NULL);
	words_field(rq, list, "form_wanted", forms, "intake.form", "");
	words_field(rq, list, "capacity", case_capacities, "intake.capacity", "self");
	f = text_field(rq, list, "text", "subject_name", 200, NULL);
	form_hint(rq, f, "intake.subject_name_hint");
}

/* The workspace's own words, a paragraph a line. */
static void
add_statement(struct request *rq, struct json_object *list, const char *text)
{
	for (size_t n; text != NULL && *text != '\0'; text += n + (text[n] != '\0')) {
		n = strcspn(text, "\n");
		if (n > 0)
			model_push_text(list, arena_strndup(rq->a, text, n));
	}
}

/* DPP1(3): on or before collection. */
static struct err *
add_notice(struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "notice");
	const char *who;
	struct letter_head h;

	TRY(letter_head_of(rq, lang_tag(request_lang(rq)), &h));
	who = h.handler != NULL ? h.handler : say(rq, "letters.handler_preset");
	who = arena_printf(rq->a, "%s, %s%s%s", who, h.name, h.address != NULL ? ", " : "",
		h.address != NULL ? h.address : "");
	add_statement(rq, list, h.statement);
	model_push_text(list, say(rq, "intake.notice_purpose"));
	model_push_text(list, say(rq, "intake.notice_needed"));
	model_push_text(list, say(rq, "intake.notice_who"));
	model_push_text(list, view_text(rq->a, request_lang(rq), "intake.notice_rights", who));
	return NULL;
}

static struct err *
show_form(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp);

	rp->template = "intake/form";
	first_fields(rq, model_list(page, "fields"));
	more_fields(rq, model_list(page, "more"));
	return add_notice(rq, page);
}

/* ---- what was sent */

static const char *
word_of(struct request *rq, const char *name, const char *const *words, const char *preset,
	struct err **e)
{
	const char *typed = request_text(rq, name);

	if (typed == NULL && preset == NULL)
		err_add_field(rq->a, e, name, "error.required", NULL);
	if (typed == NULL)
		return preset;
	for (; *words != NULL; words++)
		if (strcmp(*words, typed) == 0)
			return *words;
	err_add_field(rq->a, e, name, "error.choice", NULL);
	return preset;
}

static const char *
text_of(struct request *rq, const char *name)
{
	const char *text = request_text(rq, name);
	bool lines = strcmp(name, "scope") == 0 || strcmp(name, "address") == 0;

	return text != NULL ? text_clean(rq->a, text, lines) : NULL;
}

static void
read_particulars(struct request *rq, struct case_intake *in, struct err **e)
{
	static const char *const names[] = {
		"name", "phone", "address", "scope", "subject_reference", "subject_name", NULL};
	const char *email = request_text(rq, "email"), *from = request_text(rq, "period_from"),
		   *to = request_text(rq, "period_to");

	in->particulars = model_object(rq->a);
	for (const char *const *n = names; *n != NULL; n++)
		model_text(in->particulars, *n, text_of(rq, *n));
	if (text_of(rq, "name") == NULL)
		err_add_field(rq->a, e, "name", "error.required", NULL);
	if (email == NULL)
		err_add_field(rq->a, e, "email", "error.required", NULL);
	else if ((email = text_email(rq->a, email)) == NULL)
		err_add_field(rq->a, e, "email", "error.email", NULL);
	model_text(in->particulars, "email", email);
	model_text(in->particulars, "period_from", from);
	model_text(in->particulars, "period_to", to);
	if (from != NULL && to != NULL && strcmp(from, to) > 0)
		err_add_field(rq->a, e, "period_to", "error.period", NULL);
	if (request_text(rq, "form_wanted") != NULL)
		model_text(
			in->particulars, "form_wanted", word_of(rq, "form_wanted", forms, NULL, e));
	model_text(in->particulars, "notice",
		arena_printf(rq->a, "%s/%s", NOTICE, lang_tag(request_lang(rq))));
}

static struct err *
read_form(struct request *rq, struct case_intake *in, struct err **e)
{
	*in = (struct case_intake){.channel = "form", .limb_a = true, .limb_b = true};
	TRY(case_now(rq, &in->now));
	in->received_at = in->now;
	in->kind = word_of(rq, "kind", case_kinds, NULL, e);
	in->language = word_of(rq, "language", languages, lang_tag(request_lang(rq)), e);
	in->capacity = word_of(rq, "capacity", case_capacities, "self", e);
	read_particulars(rq, in, e);
	if (strcmp(in->capacity, "self") != 0 && text_of(rq, "subject_name") == NULL)
		err_add_field(rq->a, e, "subject_name", "error.required", NULL);
	if (strcmp(in->kind != NULL ? in->kind : "", "access") != 0)
		in->limb_a = in->limb_b = false;
	return NULL;
}

/* A letter-box is not to be filled by whoever likes to; the request counts all the same. */
static struct err *
mail_to_confirm(struct request *rq, const struct privacy_case *c)
{
	struct guard g =
		guard_of(rq->a, rq->tenant, "intake.mail", case_text(c, "email"), MAIL_REQUESTS);
	bool locked;

	TRY(guard_locked(rq->tx, &g, &locked));
	guard_count(rq->tx, &g);
	if (locked || gate_settings()->mail_relay == NULL)
		return NULL;
	return request_mail_link(rq, c, "confirm");
}

static struct err *
submit(struct request *rq, struct response *rp)
{
	struct guard g =
		guard_of(rq->a, rq->tenant, "intake.address", rq->remote, ADDRESS_REQUESTS);
	struct case_intake in;
	struct privacy_case c;
	struct err *e = NULL;
	const char *link;
	bool locked;
	int64_t id;

	TRY(guard_locked(rq->tx, &g, &locked));
	if (locked)
		return err_new(rq->a, ERR_TOO_MANY, NULL);
	TRY(read_form(rq, &in, &e));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return show_form(rq, rp);
	}
	guard_count(rq->tx, &g);
	TRY(case_days(rq, in.kind, in.received_at, &in.days));
	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	TRY(case_insert(rq, &in, &id));
	TRY(case_load(rq, id, &c));
	link = request_link(rq, id, "status");
	TRY(mail_to_confirm(rq, &c));
	case_log(rq, "create", &c);
	rp->secret = true;
	rp->status = 201;
	if (rq->api) {
		model_text(response_data(rp), "reference", c.reference);
		model_text(response_data(rp), "received_at", time_rfc3339(rq->a, c.received_at));
		model_text(response_data(rp), "due_at", c.due_on);
		model_text(response_data(rp), "due_rolled_at", c.due_rolled_on);
		model_text(response_data(rp), "status_url",
			arena_printf(rq->a, "%s%s", rq->tenant->origin, link));
	}
	response_go(rp, rq, "%s", link);
	return tx_run(rq->tx);
}

static const struct param form_params[] = {
	{"kind", P_TEXT, IN_BODY, 0, 20, false},
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	{"phone", P_TEXT, IN_BODY, 0, 60, false},
	{"address", P_LONG, IN_BODY, 0, 400, false},
	{"language", P_TEXT, IN_BODY, 0, 20, false},
	{"capacity", P_TEXT, IN_BODY, 0, 20, false},
	{"scope", P_LONG, IN_BODY, 0, 4000, false},
	{"subject_name", P_TEXT, IN_BODY, 0, 200, false},
	{"subject_reference", P_TEXT, IN_BODY, 0, 200, false},
	{"period_from", P_DATE, IN_BODY, 0, 0, false},
	{"period_to", P_DATE, IN_BODY, 0, 0, false},
	{"form_wanted", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route intake_routes[] = {
	ROUTE(READ, GET, "/privacy-request", ON_PAGE, "", RIGHT_PUBLIC, "", show_form, NULL, NULL,
		"intake/form", "intake.form"),
	ROUTE(WRITE, POST, "/privacy-request", ON_BOTH, "", RIGHT_PUBLIC, "create", submit,
		form_params, NULL, "intake/form", "intake.submit"),
	ROUTE_END,
};
