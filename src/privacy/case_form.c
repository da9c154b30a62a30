/* SPDX-License-Identifier: ISC */
/* The form in which a case begins, with what is known already: of whom, from which message. */
#include "case_view.h"

#include <string.h>

#include "controls.h"
#include "event.h"

STMT(find_contact, "case.contact", 3,
	"select contact_id, coalesce(case when $2::boolean then name_en end, case when $3::boolean "
	"then name_zh end), language from contact where contact_id = $1::bigint");
STMT(find_message, "case.message_of", 1,
	"select contact_id, channel, to_char(happened_at at time zone 'Asia/Hong_Kong', "
	"'YYYY-MM-DD\"T\"HH24:MI') from message where message_id = $1::bigint and direction = "
	"'in'");
STMT(clock, "case.clock", 0,
	"select to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD\"T\"HH24:MI')");

static void
choice(struct request *rq, struct json_object *list, const char *name, const char *const *words,
	const char *prefix, const char *value, bool needed)
{
	struct json_object *f = form_field(rq, list, "choice", name,
		say_word(rq, "requests", arena_printf(rq->a, "%s_title", name)), value);

	form_words(rq, f, words, prefix);
	if (needed)
		form_required(f);
}

struct json_object *
case_field(struct request *rq, struct json_object *list, const char *type, const char *name,
	const char *value)
{
	return form_field(rq, list, type, name,
		say_word(rq, "requests", arena_printf(rq->a, "%s_title", name)), value);
}

/* What is known already: of whom, from which message. */
struct known {
	int64_t contact, message;
	const char *name, *language, *channel, *at;
};

static int64_t
first_of(const struct request *rq, const char *list, const char *one)
{
	struct json_object *v = request_value(rq, list);

	if (v != NULL && json_object_array_length(v) > 0)
		return json_object_get_int64(json_object_array_get_idx(v, 0));
	return request_i64(rq, one, 0);
}

static struct err *
find_known(struct request *rq, struct known *k)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct rows *r;

	*k = (struct known){.contact = first_of(rq, "contact_ids", "contact"),
		.message = request_i64(rq, "message_id", request_i64(rq, "message", 0)),
		.language = rq->principal->language};
	TRY(tx_query(rq->tx, &clock, NO_VALS, &r));
	k->at = rows_text(r, 0, 0);
	if (k->message != 0) {
		TRY(tx_query(rq->tx, &find_message, VALS(val_i64(k->message)), &r));
		if (rows_count(r) == 0)
			return err_new(rq->a, ERR_NOT_FOUND, NULL);
		k->contact = rows_i64(r, 0, 0);
		k->channel = rows_text(r, 0, 1);
		if (strcmp(k->channel, "whatsapp") == 0 || strcmp(k->channel, "sms") == 0)
			k->channel = "chat";
		k->at = rows_text(r, 0, 2);
	}
	if (k->contact == 0)
		return NULL;
	TRY(tx_query(rq->tx, &find_contact,
		VALS(val_i64(k->contact), val_bool(record_reads(&cx, ENTITY_CONTACT, "name_en")),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_zh"))),
		&r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	k->name = rows_text(r, 0, 1);
	if (!rows_null(r, 0, 2))
		k->language = rows_text(r, 0, 2);
	if (k->name != NULL)
		record_named(&cx, "view", &k->contact, 1);
	else
		audit_queue_one(rq->tx, rq->a, "view", "contact", k->contact, k->contact, NULL);
	return NULL;
}

static void
hidden_id(struct request *rq, struct json_object *list, const char *name, int64_t id)
{
	struct json_object *f;

	if (id == 0)
		return;
	f = model_item(list);
	model_text(f, "type", "hidden");
	model_text(f, "name", name);
	model_text(f, "value", arena_printf(rq->a, "%lld", (long long)id));
}

static void
form_fields(struct request *rq, const struct known *k, struct json_object *page)
{
	struct json_object *list = model_list(page, "fields"), *f;

	hidden_id(rq, list, "contact_ids", k->contact);
	hidden_id(rq, list, "message_id", k->message);
	choice(rq, list, "kind", case_kinds, "requests.kind", "", true);
	choice(rq, list, "channel", case_channels, "requests.channel",
		k->channel != NULL ? k->channel : "", true);
	f = case_field(rq, list, "time", "received_at", k->at);
	form_hint(rq, f, "requests.received_hint");
	f = case_field(rq, list, "choice", "language", k->language);
	form_languages(rq, f);
	form_required(f);
	f = case_field(rq, list, "text", "name", k->name != NULL ? k->name : "");
	model_i64(f, "max", 200);
	case_field(rq, list, "email", "email", "");
	case_field(rq, list, "phone", "phone", "");
	f = case_field(rq, list, "long_text", "scope", "");
	form_hint(rq, f, "requests.scope_hint");
	list = model_list(page, "more");
	choice(rq, list, "capacity", case_capacities, "requests.capacity", "self", false);
	f = case_field(rq, list, "boolean", "statutory_form", "false");
	form_hint(rq, f, "requests.statutory_form_hint");
	case_field(rq, list, "boolean", "limb_a", "true");
	case_field(rq, list, "boolean", "limb_b", "true");
	case_field(rq, list, "text", "subject_name", "");
	f = case_field(rq, list, "text", "subject_reference", "");
	form_hint(rq, f, "requests.subject_reference_hint");
	case_field(rq, list, "date", "period_from", "");
	case_field(rq, list, "date", "period_to", "");
	choice(rq, list, "form_wanted", (const char *const[]){"paper", "electronic", NULL},
		"requests.form", "", false);
	case_field(rq, list, "long_text", "address", "");
	case_field(rq, list, "long_text", "not_wanted", "");
}

struct err *
case_form(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp);
	struct known k;

	TRY(find_known(rq, &k));
	rp->template = "privacy/request_form";
	case_crumbs(rq, page);
	model_text(page, "title", say(rq, "requests.new"));
	model_text(page, "subtitle",
		k.name != NULL ? view_text(rq->a, request_lang(rq), "requests.new_about", k.name)
			       : say(rq, "requests.new_help"));
	model_text(page, "cancel_url",
		k.contact != 0 ? arena_printf(rq->a, "/contacts/%lld", (long long)k.contact)
			       : "/privacy");
	form_fields(rq, &k, page);
	return NULL;
}
