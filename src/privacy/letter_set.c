/* SPDX-License-Identifier: ISC */
/* The workspace's own words of letters, and its letterhead: settings. */
#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "event.h"
#include "letter.h"
#include "text.h"
#include "utf8.h"

STMT(list_own, "letter_set.list", 1,
	"select letter, language from letter_template where letter = any ($1::text[])");
STMT(put_template, "letter_set.put", 4,
	"insert into letter_template (letter, language, subject, body, updated_by) values ($1, $2, "
	"$3, $4, nullif(current_setting('praya.user_id', true), '')::bigint) on conflict (letter, "
	"language) do update set subject = excluded.subject, body = excluded.body, updated_at = "
	"now(), updated_by = excluded.updated_by");
STMT(drop_template, "letter_set.drop", 2,
	"delete from letter_template where letter = $1 and language = $2");
STMT(put_head, "letter_set.head", 6,
	"insert into letter_head (language, name, address, contact, handler, statement, "
	"updated_by) values ($1, $2, $3, $4, $5, $6, nullif(current_setting('praya.user_id', "
	"true), '')::bigint) on "
	"conflict (language) do update set name = excluded.name, address = excluded.address, "
	"contact = excluded.contact, handler = excluded.handler, statement = excluded.statement, "
	"updated_at = now(), updated_by = "
	"excluded.updated_by");

static const char *
known(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return *words;
	return NULL;
}

/* Letter and language of the path. */
static struct err *
path_of(struct request *rq, const char **letter_r, const char **language_r)
{
	*letter_r = known(letter_kinds, rq->path_args[0]);
	*language_r = known(letter_languages, rq->path_args[1]);
	if (*letter_r == NULL || *language_r == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return NULL;
}

static void
log_setting(struct request *rq)
{
	struct audit_event ev = {.action = "setting", .entity = "workspace", .reason = "letters"};

	audit_queue(rq->tx, rq->a, &ev);
}

static void
crumb(struct json_object *list, const char *label, const char *url)
{
	struct json_object *o = model_item(list);

	model_text(o, "label", label);
	model_text(o, "url", url);
}

static bool
is_own(const struct rows *r, const char *letter, const char *language)
{
	for (size_t i = 0; i < rows_count(r); i++)
		if (strcmp(rows_text(r, i, 0), letter) == 0 &&
			strcmp(rows_text(r, i, 1), language) == 0)
			return true;
	return false;
}

/* ---- the letterhead */

#define HEAD_TEXTS 5
#define STATEMENT_MAX 4000
#define STATEMENT 4

static const char *const head_texts[HEAD_TEXTS] = {
	"name", "address", "contact", "handler", "statement"};

static void
head_model(const char *language, const struct letter_head *h, struct json_object *o)
{
	model_text(o, "language", language);
	model_text(o, "name", h->name);
	model_text(o, "address", h->address);
	model_text(o, "contact", h->contact);
	model_text(o, "handler", h->handler);
	model_text(o, "statement", h->statement);
}

static struct err *
list_all(struct request *rq, struct response *rp)
{
	struct json_object *data = response_data(rp), *items = model_list(data, "items"), *page,
			   *heads = model_list(data, "heads"), *o;
	struct letter_head h;
	struct rows *r;
	size_t n = 0;

	while (letter_kinds[n] != NULL)
		n++;
	TRY(tx_query(rq->tx, &list_own, VALS(val_texts(letter_kinds, n)), &r));
	for (const char *const *k = letter_kinds; *k != NULL; k++)
		for (const char *const *l = letter_languages; *l != NULL; l++) {
			o = model_item(items);
			model_text(o, "letter", *k);
			model_text(o, "language", *l);
			model_bool(o, "own", is_own(r, *k, *l));
			if (rq->api)
				continue;
			model_text(o, "name", say_word(rq, "letters.name", *k));
			model_text(o, "label", language_label(rq, *l));
			model_text(
				o, "url", arena_printf(rq->a, "/settings/letters/%s/%s", *k, *l));
		}
	for (const char *const *l = letter_languages; *l != NULL; l++) {
		TRY(letter_head_of(rq, *l, &h));
		o = model_item(heads);
		head_model(*l, &h, o);
		if (rq->api)
			continue;
		model_text(o, "label", language_label(rq, *l));
		model_text(o, "url", arena_printf(rq->a, "/settings/letters/heads/%s", *l));
	}
	model_null(data, "next");
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "settings/letters";
	crumb(model_list(page, "crumbs"), say(rq, "settings.title"), "/settings");
	model_text(page, "title", say(rq, "letters.title"));
	model_text(page, "subtitle", say(rq, "settings.letters_help"));
	return NULL;
}

static struct err *
show_head(struct request *rq, struct response *rp)
{
	const char *language = known(letter_languages, rq->path_args[0]);
	struct json_object *page = response_page(rp), *list, *f;
	struct letter_head h;

	if (language == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(letter_head_of(rq, language, &h));
	list = model_list(page, "crumbs");
	crumb(list, say(rq, "settings.title"), "/settings");
	crumb(list, say(rq, "letters.title"), "/settings/letters");
	model_text(page, "title", say(rq, "letters.head_title"));
	model_text(page, "subtitle", language_label(rq, language));
	model_text(page, "url", arena_printf(rq->a, "/settings/letters/heads/%s", language));
	list = model_list(page, "fields");
	for (size_t i = 0; i < HEAD_TEXTS; i++) {
		const char *values[] = {h.name, h.address, h.contact, h.handler, h.statement};
		bool lines = i == 1 || i == 2 || i == STATEMENT;

		f = form_field(rq, list, lines ? "long_text" : "text", head_texts[i],
			say_word(rq, "letters", arena_printf(rq->a, "head_%s", head_texts[i])),
			values[i] != NULL ? values[i] : "");
		model_i64(f, "max", i == STATEMENT ? STATEMENT_MAX : lines ? 400 : 200);
		if (lines)
			model_i64(f, "rows", i == STATEMENT ? 8 : 3);
		else
			model_bool(f, "wide", true);
		if (i == 3)
			form_hint(rq, f, "letters.handler_hint");
		if (i == STATEMENT) {
			model_bool(f, "wide", true);
			form_hint(rq, f, "letters.statement_hint");
		}
	}
	return NULL;
}

static struct err *
set_head(struct request *rq, struct response *rp)
{
	const char *language = known(letter_languages, rq->path_args[0]), *texts[HEAD_TEXTS];
	struct letter_head h;

	if (language == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(letter_head_of(rq, language, &h));
	texts[0] = h.name;
	texts[1] = h.address;
	texts[2] = h.contact;
	texts[3] = h.handler;
	texts[STATEMENT] = h.statement;
	for (size_t i = 0; i < HEAD_TEXTS; i++) {
		const char *text = request_text(rq, head_texts[i]);

		if (!rq->api || request_has(rq, head_texts[i]))
			texts[i] = text != NULL ? text_clean(rq->a, text,
							  i == 1 || i == 2 || i == STATEMENT)
						: NULL;
	}
	tx_queue(rq->tx, &put_head,
		VALS(val_text(language), val_text(texts[0]), val_text(texts[1]), val_text(texts[2]),
			val_text(texts[3]), val_text(texts[STATEMENT])),
		NULL);
	log_setting(rq);
	response_flash(rp, "flash.saved");
	if (!rq->api) {
		response_go(rp, rq, "/settings/letters/heads/%s", language);
		return tx_run(rq->tx);
	}
	TRY(letter_head_of(rq, language, &h));
	head_model(language, &h, response_data(rp));
	return NULL;
}

/* ---- one template */

static struct err *
show(struct request *rq, struct response *rp)
{
	const char *letter, *language;
	struct json_object *data = response_data(rp), *page, *list, *f;
	struct letter_template t, preset;

	TRY(path_of(rq, &letter, &language));
	TRY(letter_template_of(rq, letter, language, &t));
	preset = letter_preset(rq, letter, language);
	model_text(data, "letter", letter);
	model_text(data, "language", language);
	model_text(data, "subject", t.subject);
	model_text(data, "body", t.body);
	model_bool(data, "own", t.own);
	list = model_list(data, "placeholders");
	for (const char *const *p = letter_places; *p != NULL; p++)
		model_push_text(list, *p);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "settings/letter";
	list = model_list(page, "crumbs");
	crumb(list, say(rq, "settings.title"), "/settings");
	crumb(list, say(rq, "letters.title"), "/settings/letters");
	model_text(page, "title", say_word(rq, "letters.name", letter));
	model_text(page, "subtitle", language_label(rq, language));
	model_text(page, "url", arena_printf(rq->a, "/settings/letters/%s/%s", letter, language));
	model_text(page, "preset_subject", preset.subject);
	model_text(page, "preset_body", preset.body);
	list = model_list(page, "fields");
	f = form_field(rq, list, "text", "subject", say(rq, "letters.subject_title"), t.subject);
	form_required(f);
	model_bool(f, "wide", true);
	model_i64(f, "max", LETTER_SUBJECT_MAX);
	f = form_field(rq, list, "long_text", "body", say(rq, "letters.body_title"), t.body);
	form_required(f);
	model_bool(f, "wide", true);
	model_i64(f, "rows", 18);
	model_i64(f, "max", LETTER_BODY_MAX);
	list = model_list(page, "places");
	for (const char *const *p = letter_places; *p != NULL; p++) {
		f = model_item(list);
		model_text(f, "name", arena_printf(rq->a, "{%s}", *p));
		model_text(f, "label", say_word(rq, "letters.place", *p));
	}
	return NULL;
}

static struct err *
refuse(struct request *rq, struct response *rp, struct err *e)
{
	if (rq->api)
		return e;
	response_errors(rp, rq, e);
	return show(rq, rp);
}

static struct err *
save(struct request *rq, struct response *rp)
{
	static const char *const names[] = {"subject", "body"};
	const char *letter, *language, *texts[2], *place;
	struct letter_template t;
	struct err *e = NULL;

	TRY(path_of(rq, &letter, &language));
	TRY(letter_template_of(rq, letter, language, &t));
	for (size_t i = 0; i < 2; i++) {
		const char *text = request_text(rq, names[i]);

		texts[i] = text != NULL ? text_clean(rq->a, text, i == 1) : NULL;
		if (texts[i] == NULL && rq->api && !request_has(rq, names[i]))
			texts[i] = i == 0 ? t.subject : t.body;
		if (texts[i] == NULL)
			err_add_field(rq->a, &e, names[i], "error.required", NULL);
		else if ((place = letter_unknown_place(rq->a, texts[i])) != NULL)
			err_add_field(rq->a, &e, names[i], "error.letter_place", place);
	}
	if (e == NULL && (place = letter_lacks_place(letter, texts[0], texts[1])) != NULL)
		err_add_field(rq->a, &e, "body", "error.letter_needs",
			arena_printf(rq->a, "{%s}", place));
	if (e != NULL)
		return refuse(rq, rp, e);
	tx_queue(rq->tx, &put_template,
		VALS(val_text(letter), val_text(language), val_text(texts[0]), val_text(texts[1])),
		NULL);
	log_setting(rq);
	response_flash(rp, "flash.saved");
	if (rq->api)
		return show(rq, rp);
	response_go(rp, rq, "/settings/letters/%s/%s", letter, language);
	return tx_run(rq->tx);
}

/* Back to what ships. */
static struct err *
reset(struct request *rq, struct response *rp)
{
	const char *letter, *language;

	TRY(path_of(rq, &letter, &language));
	tx_queue(rq->tx, &drop_template, VALS(val_text(letter), val_text(language)), NULL);
	log_setting(rq);
	response_flash(rp, "flash.saved");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/settings/letters/%s/%s", letter, language);
	return tx_run(rq->tx);
}

static const struct param template_params[] = {
	{"subject", P_TEXT, IN_BODY, 0, LETTER_SUBJECT_MAX, false},
	{"body", P_LONG, IN_BODY, 0, LETTER_BODY_MAX, false},
	PARAM_END,
};
static const struct param head_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	{"address", P_LONG, IN_BODY, 0, 400, false},
	{"contact", P_LONG, IN_BODY, 0, 400, false},
	{"handler", P_TEXT, IN_BODY, 0, 200, false},
	{"statement", P_LONG, IN_BODY, 0, STATEMENT_MAX, false},
	PARAM_END,
};

const struct route letter_set_routes[] = {
	ROUTE(READ, GET, "/settings/letters", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "", list_all,
		NULL, NULL, "settings/letters", "settings.letters"),
	ROUTE(READ, GET, "/settings/letters/heads/{token}", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "",
		show_head, NULL, NULL, "settings/letter_head", "settings.letter_head_form"),
	ROUTE(WRITE, POST, "/settings/letters/heads/{token}", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE,
		"setting", set_head, head_params, NULL, "settings/letter_head",
		"settings.letter_head"),
	ROUTE(READ, GET, "/settings/letters/{token}/{token}", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE,
		"", show, NULL, NULL, "settings/letter", "settings.letter"),
	ROUTE(WRITE, POST, "/settings/letters/{token}/{token}", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE,
		"setting", save, template_params, NULL, "settings/letter", "settings.letter_save"),
	ROUTE(WRITE, POST, "/settings/letters/{token}/{token}/reset", ON_PAGE, "",
		RIGHT_MANAGE_WORKSPACE, "setting", reset, NULL, NULL, "", "settings.letter_reset"),
	ROUTE(READ, GET, "/letter-templates", ON_API, "", RIGHT_MANAGE_WORKSPACE, "", list_all,
		NULL, NULL, "", "letter_template.list"),
	ROUTE(WRITE, PATCH, "/letter-heads/{token}", ON_API, "", RIGHT_MANAGE_WORKSPACE, "setting",
		set_head, head_params, NULL, "", "letter_head.update"),
	ROUTE(READ, GET, "/letter-templates/{token}/{token}", ON_API, "", RIGHT_MANAGE_WORKSPACE,
		"", show, NULL, NULL, "", "letter_template.read"),
	ROUTE(WRITE, PATCH, "/letter-templates/{token}/{token}", ON_API, "", RIGHT_MANAGE_WORKSPACE,
		"setting", save, template_params, NULL, "", "letter_template.update"),
	ROUTE(WRITE, DELETE, "/letter-templates/{token}/{token}", ON_API, "",
		RIGHT_MANAGE_WORKSPACE, "setting", reset, NULL, NULL, "", "letter_template.delete"),
	ROUTE_END,
};
