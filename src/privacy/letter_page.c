/* SPDX-License-Identifier: ISC */
/* One letter that was written: read, printed, sent by mail or posted. */
#include "letter_part.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "outbox.h"
#include "text.h"

STMT(find_waiting, "letter.waiting", 2,
	"select action from letter_use where request_kind = $1 and letter = $2 and goes_first "
	"order by position");
STMT(find, "letter.find", 2,
	"select l.letter_id, l.letter, l.language, (extract(epoch from l.created_at) * "
	"1000000)::bigint, u.name, l.sealed, l.pages, l.sent_how, l.sent_on::text, o.state "
	"from letter l left join app_user u on u.user_id = l.created_by "
	"left join outbox o on o.outbox_id = l.outbox_id "
	"where l.request_id = $1::bigint and l.letter_id = $2::bigint");
STMT(find_pdf, "letter.pdf", 2,
	"select pdf from letter where request_id = $1::bigint and letter_id = $2::bigint");
STMT(lock, "letter.lock", 2,
	"select letter_id from letter where request_id = $1::bigint and letter_id = $2::bigint "
	"for update");
STMT(went, "letter.went", 4,
	"update letter set sent_how = $2, sent_on = coalesce($3::date, hk_today()), "
	"outbox_id = $4::bigint where letter_id = $1::bigint");

const char *
letter_url(const struct request *rq, int64_t request, int64_t letter)
{
	return arena_printf(rq->a, "/privacy/requests/%lld/letters/%lld", (long long)request,
		(long long)letter);
}

struct err *
letter_load(struct request *rq, const struct privacy_case *c, int64_t id, struct letter_row *l)
{
	const char *text;
	struct rows *r;

	TRY(tx_query(rq->tx, &find, VALS(val_i64(c->id), val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	*l = (struct letter_row){.id = rows_i64(r, 0, 0),
		.letter = rows_text(r, 0, 1),
		.language = rows_text(r, 0, 2),
		.created_at = rows_i64(r, 0, 3),
		.who = rows_text(r, 0, 4),
		.pages = rows_i64(r, 0, 6),
		.sent_how = rows_text(r, 0, 7),
		.sent_on = rows_text(r, 0, 8),
		.state = rows_text(r, 0, 9)};
	text = case_unseal(rq, c, "letter", rows_bytes(rq->a, r, 0, 5));
	if (text != NULL)
		l->text = model_own(rq->a, json_tokener_parse(text));
	return NULL;
}

static const char *
text_in(const struct letter_row *l, const char *name)
{
	return json_object_get_string(json_object_object_get(l->text, name));
}

static void
crumb(struct json_object *list, const char *label, const char *url)
{
	struct json_object *o = model_item(list);

	model_text(o, "label", label);
	model_text(o, "url", url);
}

void
letter_crumbs(struct request *rq, const struct privacy_case *c, struct json_object *page)
{
	struct json_object *list = model_list(page, "crumbs");

	crumb(list, say(rq, "requests.title"), "/privacy");
	crumb(list, view_text(rq->a, request_lang(rq), "requests.case_title", c->reference),
		arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id));
}

void
letter_note(struct request *rq, const struct privacy_case *c, const char *action, int64_t id,
	const char *letter, const char *how)
{
	struct json_object *data = model_object(rq->a);

	model_i64(data, "letter_id", id);
	model_text(data, "letter", letter);
	if (how != NULL)
		model_text(data, "sent_how", how);
	case_note(rq, c, action, NULL, data);
}

void
letter_model(struct request *rq, const struct letter_row *l, struct json_object *o)
{
	static const char *const texts[] = {"to", "address", "subject", "body", NULL};

	model_i64(o, "id", l->id);
	model_text(o, "letter", l->letter);
	model_text(o, "language", l->language);
	model_text(o, "created_at", time_rfc3339(rq->a, l->created_at));
	model_text(o, "created_by", l->who);
	for (const char *const *t = texts; *t != NULL; t++)
		model_text(o, *t, text_in(l, *t));
	if (l->pages == 0)
		model_null(o, "pages");
	else
		model_i64(o, "pages", l->pages);
	model_text(o, "sent_how", l->sent_how);
	model_text(o, "sent_on", l->sent_on);
	model_text(o, "mail_state", l->state);
}

static void
sent_words(struct request *rq, const struct letter_row *l, struct json_object *o)
{
	const char *key = "letters.not_sent", *kind = "warning";

	if (l->sent_how != NULL && strcmp(l->sent_how, "post") == 0) {
		key = "letters.posted_on";
		kind = "success";
	} else if (l->sent_how != NULL) {
		bool failed = l->state != NULL && strcmp(l->state, "failed") == 0;
		bool waits = l->state != NULL && strcmp(l->state, "waiting") == 0;

		key = failed  ? "letters.mail_failed"
		      : waits ? "letters.mail_waits"
			      : "letters.mailed_on";
		kind = failed ? "danger" : waits ? "info" : "success";
	}
	model_text(o, "kind", kind);
	model_text(o, "text",
		l->sent_on == NULL
			? say(rq, key)
			: view_text(rq->a, request_lang(rq), key,
				  date_show(rq->a, l->sent_on, lang_tag(request_lang(rq)))));
}

static bool
still_to_go(const struct letter_row *l)
{
	return l->sent_how == NULL || (l->state != NULL && strcmp(l->state, "failed") == 0);
}

/* The day in Hong Kong. */
static const char *
written_on(const struct request *rq, const struct letter_row *l)
{
	const char *at = time_rfc3339(rq->a, l->created_at + (int64_t)8 * 3600 * 1000000);

	return arena_strndup(rq->a, at, 10);
}

static struct err *
letter_page(struct request *rq, struct response *rp, const struct privacy_case *c,
	const struct letter_row *l)
{
	struct json_object *page = response_page(rp), *list, *f;
	const char *email = text_in(l, "email");

	rp->template = "privacy/letter";
	letter_crumbs(rq, c, page);
	model_text(page, "title", say_word(rq, "letters.name", l->letter));
	model_text(page, "url", letter_url(rq, c->id, l->id));
	model_text(page, "head", text_in(l, "head"));
	model_text(page, "head_address", text_in(l, "head_address"));
	model_text(page, "head_contact", text_in(l, "head_contact"));
	model_text(page, "reference", text_in(l, "reference"));
	model_text(page, "date", date_show(rq->a, written_on(rq, l), l->language));
	model_text(page, "lang", strcmp(l->language, "en") == 0 ? "en" : "zh-Hant-HK");
	sent_words(rq, l, model_item(model_list(page, "badges")));
	model_bool(page, "gone", l->text == NULL);
	model_bool(page, "to_go", still_to_go(l) && l->text != NULL);
	model_bool(page, "mail", gate_settings()->mail_relay != NULL);
	list = model_list(page, "send");
	f = form_field(rq, list, "email", "email", say(rq, "letters.email_title"),
		email != NULL ? email : "");
	form_required(f);
	list = model_list(page, "post");
	f = form_field(rq, list, "date", "on", say(rq, "letters.on_title"), "");
	form_required(f);
	return NULL;
}

/* It has gone out: the step that waited for it can be taken. */
static struct err *
add_finish(struct request *rq, const struct privacy_case *c, const struct letter_row *l,
	struct json_object *page)
{
	struct json_object *list = model_list(page, "finish");
	struct rows *r;

	TRY(tx_query(rq->tx, &find_waiting, VALS(val_text(c->kind), val_text(l->letter)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *action = rows_text(r, i, 0), *lacks = case_lacks(rq, c, action);
		struct json_object *o;

		if (lacks == NULL || *lacks != '\0')
			continue;
		o = model_item(list);
		model_text(o, "label", say_word(rq, "requests.action", action));
		model_text(o, "url",
			arena_printf(rq->a, "/privacy/requests/%lld/%s", (long long)c->id, action));
	}
	return NULL;
}

static struct err *
read_letter(struct request *rq, struct response *rp)
{
	struct privacy_case c;
	struct letter_row l;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(letter_load(rq, &c, request_id(rq, 1), &l));
	case_log(rq, "view", &c);
	letter_model(rq, &l, response_data(rp));
	if (rq->api)
		return NULL;
	TRY(letter_page(rq, rp, &c, &l));
	return add_finish(rq, &c, &l, response_page(rp));
}

static struct err *
read_pdf(struct request *rq, struct response *rp)
{
	struct bytes sealed, plain;
	struct privacy_case c;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(tx_query(rq->tx, &find_pdf, VALS(val_i64(c.id), val_id(request_id(rq, 1))), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	sealed = rows_bytes(rq->a, r, 0, 0);
	if (!c.opens)
		return err_new(rq->a, ERR_GONE, "error.request_gone");
	if (sealed.p == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.letter_pdf_later");
	if (!letter_unseal(
		    rq->a, &c.key, letter_pdf_place(rq->a, request_id(rq, 1)), sealed, &plain))
		return err_internal(rq->a, "the PDF of a letter does not open");
	case_log(rq, "download", &c);
	TRY(tx_run(rq->tx));
	rp->content_type = "application/pdf";
	rp->file_name = arena_printf(
		rq->a, "letter-%s-%lld.pdf", c.reference, (long long)request_id(rq, 1));
	rp->ready = (const char *)plain.p;
	rp->ready_size = plain.n;
	return NULL;
}

/* ---- on its way */

/* The letter of the path, locked, that can still go out. */
static struct err *
load_to_go(struct request *rq, struct privacy_case *c, struct letter_row *l)
{
	TRY(case_load(rq, request_id(rq, 0), c));
	tx_queue(rq->tx, &lock, VALS(val_i64(c->id), val_i64(request_id(rq, 1))), NULL);
	TRY(letter_load(rq, c, request_id(rq, 1), l));
	if (l->text == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
	if (!still_to_go(l))
		return err_new(rq->a, ERR_CONFLICT, "error.letter_stays");
	return NULL;
}

static struct err *
gone_out(struct request *rq, struct response *rp, const struct privacy_case *c,
	struct letter_row *l, const char *how)
{
	letter_note(rq, c, "letter_sent", l->id, l->letter, how);
	case_log(rq, "send", c);
	TRY(letter_load(rq, c, l->id, l));
	response_flash(
		rp, strcmp(how, "mail") == 0 ? "flash.letter_mailed" : "flash.letter_posted");
	if (rq->api)
		letter_model(rq, l, response_data(rp));
	else
		response_go(rp, rq, "%s", letter_url(rq, c->id, l->id));
	return NULL;
}

static struct err *
refuse(struct request *rq, struct response *rp, const struct privacy_case *c,
	const struct letter_row *l, struct err *e)
{
	if (rq->api)
		return e;
	response_errors(rp, rq, e);
	letter_model(rq, l, response_data(rp));
	return letter_page(rq, rp, c, l);
}

/* As HTML has them: paragraphs of lines. */
static void
add_paragraphs(struct request *rq, struct json_object *data, const char *body)
{
	struct json_object *list = model_list(data, "paragraphs"), *lines = NULL;

	while (*body != '\0') {
		size_t n = strcspn(body, "\n");

		if (n > 0) {
			if (lines == NULL)
				lines = model_list(model_item(list), "lines");
			model_push_text(lines, arena_strndup(rq->a, body, n));
		} else {
			lines = NULL;
		}
		body += n + (body[n] == '\n');
	}
}

static struct err *
send_by_mail(struct request *rq, struct response *rp)
{
	const char *typed_to = request_text(rq, "email");
	struct outgoing m = {.kind = "letter", .created_by = rq->principal->user_id};
	struct privacy_case c;
	struct letter_row l;
	struct err *e = NULL;
	int64_t mail;

	TRY(load_to_go(rq, &c, &l));
	if (gate_settings()->mail_relay == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.no_mail");
	if (typed_to == NULL && rq->api)
		typed_to = text_in(&l, "email");
	m.to = typed_to != NULL ? text_email(rq->a, typed_to) : NULL;
	if (m.to == NULL) {
		err_add_field(rq->a, &e, "email",
			typed_to == NULL ? "error.required" : "error.email", NULL);
		return refuse(rq, rp, &c, &l, e);
	}
	m.lang = lang_parse(l.language);
	m.subject_arg = text_in(&l, "subject");
	m.data = model_object(rq->a);
	model_text(m.data, "workspace", text_in(&l, "head"));
	model_text(m.data, "reference", text_in(&l, "reference"));
	add_paragraphs(rq, m.data, text_in(&l, "body"));
	TRY(outbox_put(rq->tx, rq->a, &rq->tenant->kek, &m, &mail));
	tx_queue(rq->tx, &went,
		VALS(val_i64(l.id), val_text("mail"), val_text(NULL), val_i64(mail)), NULL);
	return gone_out(rq, rp, &c, &l, "mail");
}

static struct err *
posted(struct request *rq, struct response *rp)
{
	const char *on = request_text(rq, "on");
	struct case_days today;
	struct privacy_case c;
	struct letter_row l;
	struct err *e = NULL;
	int64_t now;

	TRY(load_to_go(rq, &c, &l));
	TRY(case_now(rq, &now));
	TRY(case_days(rq, c.kind, now, &today));
	if (on == NULL)
		err_add_field(rq->a, &e, "on", "error.required", NULL);
	else if (strcmp(on, today.received_on) > 0)
		err_add_field(rq->a, &e, "on", "error.still_to_come", NULL);
	else if (strcmp(on, written_on(rq, &l)) < 0)
		err_add_field(rq->a, &e, "on", "error.letter_before", NULL);
	if (e != NULL)
		return refuse(rq, rp, &c, &l, e);
	tx_queue(rq->tx, &went, VALS(val_i64(l.id), val_text("post"), val_text(on), val_id(0)),
		NULL);
	return gone_out(rq, rp, &c, &l, "post");
}

static const struct param send_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	PARAM_END,
};
static const struct param posted_params[] = {
	{"on", P_DATE, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct route letter_routes[] = {
	ROUTE(READ, GET, "/privacy/requests/{id}/letters/{id}", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"view", read_letter, NULL, NULL, "privacy/letter", "letter.read"),
	ROUTE(STREAM, GET, "/privacy/requests/{id}/letters/{id}/pdf", ON_BOTH, "",
		RIGHT_RUN_REQUESTS, "download", read_pdf, NULL, NULL, "", "letter.pdf"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/letters/{id}/send", ON_BOTH, "",
		RIGHT_RUN_REQUESTS, "send", send_by_mail, send_params, NULL, "privacy/letter",
		"letter.send"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/letters/{id}/posted", ON_BOTH, "",
		RIGHT_RUN_REQUESTS, "send", posted, posted_params, NULL, "privacy/letter",
		"letter.posted"),
	ROUTE_END,
};
