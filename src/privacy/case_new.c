/* SPDX-License-Identifier: ISC */
/* Recording a request, by any member of staff: from a contact, from a received message, or of
 * nobody known. */
#include "case.h"

#include <string.h>

#include "case_source.h"
#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "event.h"
#include "suppression.h"
#include "text.h"

#define FIRST_DAY "1996-12-20" /* the Ordinance is in force */
#define CONTACTS_MAX 20

STMT(now, "case.now", 0, "select (extract(epoch from now()) * 1000000)::bigint");
STMT(find_contacts, "case.contacts", 4,
	"select contact_id, case when $4::boolean then language end, coalesce(case when "
	"$2::boolean then name_en end, case when "
	"$3::boolean then name_zh end) from contact where contact_id = any ($1::bigint[]) "
	"order by contact_id");
STMT(find_users, "case.users", 1,
	"select user_id from app_user where user_id = any ($1::bigint[])");
STMT(find_message, "case.message", 1,
	"select contact_id, channel, (extract(epoch from happened_at) * 1000000)::bigint "
	"from message where message_id = $1::bigint and direction = 'in'");
STMT(add_key, "case.key", 1,
	"insert into data_key (purpose, wrapped) values ('request', $1) returning key_id");
STMT(add_case, "case.insert", 14,
	"insert into privacy_request (kind, channel, language, received_at, due_on, due_rolled_on, "
	"limb_a, limb_b, statutory_form, capacity, key_id, particulars, message_id, access_id) "
	"values ($1, $2, $3, to_timestamp($4::bigint / 1000000.0), $5::date, $6::date, "
	"$7::boolean, "
	"$8::boolean, $9::boolean, $10, $11::bigint, $12, $13::bigint, $14::bigint) "
	"returning request_id");
STMT(add_contacts, "case.add_contacts", 2,
	"insert into request_subject (request_id, contact_id) "
	"select $1::bigint, x from unnest($2::bigint[]) x group by x");
STMT(add_users, "case.add_users", 2,
	"insert into request_subject (request_id, user_id) "
	"select $1::bigint, x from unnest($2::bigint[]) x group by x");
STMT(link_earlier, "case.earlier", 1, "select request_link_earlier($1::bigint)");
STMT(verify_again, "case.known", 2,
	"insert into request_event (request_id, action, data) select $1::bigint, 'verify', "
	"jsonb_build_object('how', 'access_request') from privacy_request d "
	"where d.request_id = $2::bigint and d.kind = 'access' and d.identity_at is not null "
	"and d.capacity = 'self' and exists (select from request_subject a join request_subject b "
	"using (contact_id) where a.request_id = $1::bigint and b.request_id = d.request_id)");
STMT(apply, "case.apply", 1,
	"insert into request_event (request_id, action) values ($1::bigint, 'apply')");
STMT(is_access, "case.is_access", 1,
	"select request_id from privacy_request where request_id = $1::bigint and kind = 'access'");

const char *const case_kinds[] = {"access", "correction", "erasure", "opt_out", NULL};
const char *const case_channels[] = {"letter", "email", "counter", "phone", "chat", NULL};
const char *const case_capacities[] = {"self", "minor", "court", "guardian", "authorised", NULL};
static const char *const languages[] = {"en", "zh-Hant", NULL};
static const char *const forms[] = {"paper", "electronic", NULL};
static const char *const person_texts[] = {"name", "email", "phone", "address", NULL};
static const char *const line_texts[] = {"subject_name", "subject_reference", NULL};

/* A word of the list; NULL where nothing was sent. */
static const char *
read_word(
	struct request *rq, const char *name, const char *const *words, bool needed, struct err **e)
{
	const char *typed = request_text(rq, name);

	for (; typed != NULL && *words != NULL; words++)
		if (strcmp(*words, typed) == 0)
			return *words;
	if (typed != NULL)
		err_add_field(rq->a, e, name, "error.choice", NULL);
	else if (needed)
		err_add_field(rq->a, e, name, "error.required", NULL);
	return NULL;
}

struct err *
case_now(struct request *rq, int64_t *now_r)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &now, NO_VALS, &r));
	*now_r = rows_i64(r, 0, 0);
	return NULL;
}

void
case_read_received(
	struct request *rq, int64_t now_at, int64_t preset, int64_t *at_r, struct err **e)
{
	const char *typed = request_text(rq, "received_at");
	char day[11];

	*at_r = preset;
	if (typed == NULL)
		return;
	if (date_normalise(typed, day))
		typed = arena_printf(rq->a, "%sT00:00", day);
	if (!time_parse(typed, at_r))
		err_add_field(rq->a, e, "received_at", "error.time", NULL);
	else if (*at_r > now_at)
		err_add_field(rq->a, e, "received_at", "error.still_to_come", NULL);
	else if (*at_r < date_number(FIRST_DAY) * 86400 * (int64_t)1000000)
		err_add_field(rq->a, e, "received_at", "error.range", "1996-12-20");
}

/* One list of ids without what is there twice. */
static void
read_ids(struct request *rq, const char *name, int64_t **ids_r, size_t *n_r)
{
	struct json_object *list = request_value(rq, name);
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	*ids_r = ARENA_ARRAY(rq->a, n + 2, int64_t);
	*n_r = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t id = json_object_get_int64(json_object_array_get_idx(list, i));
		bool there = false;

		for (size_t k = 0; k < *n_r; k++)
			there |= (*ids_r)[k] == id;
		if (!there)
			(*ids_r)[(*n_r)++] = id;
	}
}

/* A received message says who wrote, how and when. */
static struct err *
read_message(struct request *rq, struct case_intake *in, const char **channel_r, int64_t *at_r,
	struct err **e)
{
	struct rows *r;

	in->message_id = request_i64(rq, "message_id", 0);
	if (in->message_id == 0)
		return NULL;
	TRY(tx_query(rq->tx, &find_message, VALS(val_i64(in->message_id)), &r));
	if (rows_count(r) == 0) {
		err_add_field(rq->a, e, "message_id", "error.reference", NULL);
		return NULL;
	}
	if (in->ncontacts == 0 && !rows_null(r, 0, 0))
		in->contacts[in->ncontacts++] = rows_i64(r, 0, 0);
	*channel_r = rows_text(r, 0, 1);
	if (strcmp(*channel_r, "whatsapp") == 0 || strcmp(*channel_r, "sms") == 0)
		*channel_r = "chat";
	*at_r = rows_i64(r, 0, 2);
	return NULL;
}

/* The people it is about have to be there for whoever records it. */
static struct err *
read_subjects(struct request *rq, struct case_intake *in, const char **language_r,
	const char **name_r, struct err **e)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct rows *r, *u;

	*name_r = NULL;
	tx_queue(rq->tx, &find_contacts,
		VALS(val_i64s(in->contacts, in->ncontacts),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_en")),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_zh")),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "language"))),
		&r);
	TRY(tx_query(rq->tx, &find_users, VALS(val_i64s(in->users, in->nusers)), &u));
	if (rows_count(r) != in->ncontacts)
		err_add_field(rq->a, e, "contact_ids", "error.reference", NULL);
	if (rows_count(u) != in->nusers)
		err_add_field(rq->a, e, "user_ids", "error.reference", NULL);
	if (in->ncontacts != 1 || rows_count(r) != 1)
		return NULL;
	*language_r = rows_text(r, 0, 1) != NULL ? rows_text(r, 0, 1) : *language_r;
	*name_r = rows_text(r, 0, 2);
	return NULL;
}

static const char *
clean(struct request *rq, const char *text, bool lines)
{
	return text != NULL ? text_clean(rq->a, text, lines) : NULL;
}

/* What letters and links go to has to be an address. */
static const char *
address_of(struct request *rq, const char *text, struct err **e)
{
	const char *address = text != NULL ? text_email(rq->a, text) : NULL;

	if (text != NULL && address == NULL)
		err_add_field(rq->a, e, rq->api ? "requestor" : "email", "error.email", NULL);
	return address;
}

/* A text or an object of JSON; of a form a field each. */
static void
read_requestor(struct request *rq, struct case_intake *in, const char *name, struct err **e)
{
	struct json_object *v = rq->api ? request_value(rq, "requestor") : NULL;

	if (v != NULL && !json_object_is_type(v, json_type_object) &&
		!json_object_is_type(v, json_type_string)) {
		err_add_field(rq->a, e, "requestor", "error.type", NULL);
		return;
	}
	if (json_object_is_type(v, json_type_object)) {
		json_object_object_foreach(v, key, of)
		{
			bool known = false;

			for (const char *const *t = person_texts; *t != NULL; t++)
				known |= strcmp(*t, key) == 0;
			if (!known || (of != NULL && !json_object_is_type(of, json_type_string)))
				err_add_field(rq->a, e, "requestor", "error.type", NULL);
		}
	}
	for (const char *const *t = person_texts; *t != NULL; t++) {
		const char *text = NULL;

		if (json_object_is_type(v, json_type_object))
			text = json_object_get_string(json_object_object_get(v, *t));
		else if (v != NULL && strcmp(*t, "name") == 0)
			text = json_object_get_string(v);
		else if (!rq->api)
			text = request_text(rq, *t);
		text = clean(rq, text, strcmp(*t, "address") == 0);
		if (strcmp(*t, "email") == 0)
			text = address_of(rq, text, e);
		if (text != NULL && strlen(text) > 800)
			err_add_field(
				rq->a, e, rq->api ? "requestor" : *t, "error.too_long", "200");
		if (text == NULL && strcmp(*t, "name") == 0 && strcmp(in->capacity, "self") == 0)
			text = name;
		model_text(in->particulars, *t, text);
	}
}

static void
read_texts(struct request *rq, struct case_intake *in, struct err **e)
{
	const char *from = request_text(rq, "period_from"), *to = request_text(rq, "period_to");

	for (const char *const *t = line_texts; *t != NULL; t++)
		model_text(in->particulars, *t, clean(rq, request_text(rq, *t), false));
	model_text(in->particulars, "scope", clean(rq, request_text(rq, "scope"), true));
	model_text(in->particulars, "not_wanted", clean(rq, request_text(rq, "not_wanted"), true));
	model_text(in->particulars, "period_from", from);
	model_text(in->particulars, "period_to", to);
	if (from != NULL && to != NULL && strcmp(from, to) > 0)
		err_add_field(rq->a, e, "period_to", "error.period", NULL);
	model_text(in->particulars, "form_wanted", read_word(rq, "form_wanted", forms, false, e));
}

static struct err *
read_intake(struct request *rq, struct case_intake *in, struct err **e)
{
	const char *channel = NULL, *language = rq->principal->language, *name;
	struct rows *r;

	in->particulars = model_object(rq->a);
	TRY(case_now(rq, &in->now));
	in->received_at = in->now;
	read_ids(rq, "contact_ids", &in->contacts, &in->ncontacts);
	read_ids(rq, "user_ids", &in->users, &in->nusers);
	TRY(read_message(rq, in, &channel, &in->received_at, e));
	TRY(read_subjects(rq, in, &language, &name, e));
	in->kind = read_word(rq, "kind", case_kinds, true, e);
	if (request_has(rq, "channel") || channel == NULL)
		channel = read_word(rq, "channel", case_channels, true, e);
	in->channel = channel;
	in->language = read_word(rq, "language", languages, false, e);
	if (in->language == NULL)
		in->language = strcmp(language, "en") == 0 ? "en" : "zh-Hant";
	in->capacity = read_word(rq, "capacity", case_capacities, false, e);
	if (in->capacity == NULL)
		in->capacity = "self";
	case_read_received(rq, in->now, in->received_at, &in->received_at, e);
	read_requestor(rq, in, name, e);
	read_texts(rq, in, e);
	in->access_id = request_i64(rq, "access_id", 0);
	if (in->access_id == 0)
		return NULL;
	TRY(tx_query(rq->tx, &is_access, VALS(val_i64(in->access_id)), &r));
	if (rows_count(r) == 0 || in->kind == NULL || strcmp(in->kind, "correction") != 0)
		err_add_field(rq->a, e, "access_id", "error.reference", NULL);
	return NULL;
}

struct err *
case_insert(struct request *rq, const struct case_intake *in, int64_t *id_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct privacy_case c = {.opens = true};
	struct bytes wrapped = data_key_new(&cx, "request", &c.key);
	struct rows *r;

	TRY(tx_query(rq->tx, &add_key, VALS(val_bytes(wrapped)), &r));
	c.key.id = rows_i64(r, 0, 0);
	TRY(tx_query(rq->tx, &add_case,
		VALS(val_text(in->kind), val_text(in->channel), val_text(in->language),
			val_i64(in->received_at), val_text(in->days.due_on),
			val_text(in->days.due_rolled_on), val_bool(in->limb_a),
			val_bool(in->limb_b), val_bool(in->statutory_form), val_text(in->capacity),
			val_i64(c.key.id),
			val_bytes(case_seal(rq, &c, "particulars",
				json_object_to_json_string_ext(
					in->particulars, JSON_C_TO_STRING_PLAIN))),
			val_id(in->message_id), val_id(in->access_id)),
		&r));
	*id_r = c.id = rows_i64(r, 0, 0);
	case_note(rq, &c, "record", NULL, NULL);
	tx_queue(rq->tx, &add_contacts, VALS(val_i64(c.id), val_i64s(in->contacts, in->ncontacts)),
		NULL);
	tx_queue(rq->tx, &add_users, VALS(val_i64(c.id), val_i64s(in->users, in->nusers)), NULL);
	tx_queue(rq->tx, &link_earlier, VALS(val_i64(c.id)), NULL);
	/* s.24(2): known from the request for access. s.35G: at once. */
	if (in->access_id != 0)
		tx_queue(rq->tx, &verify_again, VALS(val_i64(c.id), val_i64(in->access_id)), NULL);
	if (strcmp(in->kind, "opt_out") == 0)
		tx_queue(rq->tx, &apply, VALS(val_i64(c.id)), NULL);
	TRY(tx_run(rq->tx));
	if (strcmp(in->kind, "opt_out") != 0)
		return NULL;
	return suppression_opt_out(rq, in->contacts, in->ncontacts, in->particulars, in->capacity);
}

static struct err *
record_case(struct request *rq, int64_t *id_r)
{
	struct case_intake in = {.kind = NULL};
	struct err *e = NULL;
	bool access;

	TRY(read_intake(rq, &in, &e));
	access = in.kind != NULL && strcmp(in.kind, "access") == 0;
	/* s.18(3): whoever asks whether data is held asks for a copy, too. */
	in.limb_a = access && request_bool(rq, "limb_a", true);
	in.limb_b = access && request_bool(rq, "limb_b", true);
	in.statutory_form = request_bool(rq, "statutory_form", false);
	if (access && !in.limb_a && !in.limb_b)
		err_add_field(rq->a, &e, "limb_b", "error.limb", NULL);
	if (e != NULL)
		return e;
	TRY(case_days(rq, in.kind, in.received_at, &in.days));
	return case_insert(rq, &in, id_r);
}

static struct err *
create(struct request *rq, struct response *rp)
{
	struct privacy_case c;
	struct err *e;
	int64_t id;

	e = record_case(rq, &id);
	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return case_form(rq, rp);
	}
	TRY(case_load(rq, id, &c));
	if (strcmp(c.kind, "access") == 0 || strcmp(c.kind, "erasure") == 0)
		TRY(case_ask_sources(rq, &c, NULL));
	case_log(rq, "create", &c);
	response_flash(rp, "flash.request_recorded");
	rp->status = 201;
	if (rq->api)
		case_model(rq, &c, response_data(rp));
	response_go(rp, rq, "/privacy/requests/%lld", (long long)id);
	return NULL;
}

#define PARTICULARS \
	{"kind", P_TEXT, IN_BODY, 0, 20, false}, {"channel", P_TEXT, IN_BODY, 0, 20, false}, \
		{"received_at", P_TEXT, IN_BODY, 0, 40, false}, \
		{"contact_ids", P_I64S, IN_BODY, 1, CONTACTS_MAX, false}, \
		{"user_ids", P_I64S, IN_BODY, 1, CONTACTS_MAX, false}, \
		{"message_id", P_I64, IN_BODY, 1, 0, false}, \
		{"access_id", P_I64, IN_BODY, 1, 0, false}, \
		{"language", P_TEXT, IN_BODY, 0, 20, false}, \
		{"capacity", P_TEXT, IN_BODY, 0, 20, false}, \
		{"scope", P_LONG, IN_BODY, 0, 4000, false}, \
		{"not_wanted", P_LONG, IN_BODY, 0, 4000, false}, \
		{"period_from", P_DATE, IN_BODY, 0, 0, false}, \
		{"period_to", P_DATE, IN_BODY, 0, 0, false}, \
		{"form_wanted", P_TEXT, IN_BODY, 0, 20, false}, \
		{"limb_a", P_BOOL, IN_BODY, 0, 0, false}, \
		{"limb_b", P_BOOL, IN_BODY, 0, 0, false}, \
		{"statutory_form", P_BOOL, IN_BODY, 0, 0, false}, \
		{"subject_name", P_TEXT, IN_BODY, 0, 200, false}, \
	{ \
		"subject_reference", P_TEXT, IN_BODY, 0, 200, false \
	}

static const struct param api_params[] = {
	PARTICULARS,
	{"requestor", P_JSON, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param form_params[] = {
	PARTICULARS,
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	{"email", P_TEXT, IN_BODY, 0, 200, false},
	{"phone", P_TEXT, IN_BODY, 0, 60, false},
	{"address", P_LONG, IN_BODY, 0, 400, false},
	PARAM_END,
};
static const struct param new_params[] = {
	{"contact", P_I64, IN_QUERY, 1, 0, false},
	{"message", P_I64, IN_QUERY, 1, 0, false},
	PARAM_END,
};

/* Whoever gets a letter into their hands may record it. */
const struct route case_new_routes[] = {
	ROUTE(READ, GET, "/privacy/requests/new", ON_PAGE, "", RIGHT_SELF, "view", case_form,
		new_params, NULL, "privacy/request_form", "request.new"),
	ROUTE(WRITE, POST, "/privacy/requests", ON_API, "", RIGHT_SELF, "create", create,
		api_params, NULL, "", "request.create"),
	ROUTE(WRITE, POST, "/privacy/requests", ON_PAGE, "", RIGHT_SELF, "create", create,
		form_params, NULL, "privacy/request_form", "request.add"),
	ROUTE_END,
};
