/* SPDX-License-Identifier: ISC */
#include "case.h"

#include <string.h>

#include "date.h"
#include "holiday.h"

#define US(x) "(extract(epoch from " x ") * 1000000)::bigint, "
/* In the order of the enum. What a case leads to is named to whoever sees it. */
#define TIMES \
	US("r.received_at") \
	US("r.recorded_at") \
	US("r.closed_at") \
	US("r.identity_at") \
	US("r.approved_at") \
	US("r.delayed_at") \
	US("r.fee_at") \
	US("r.fee_paid_at")
#define DAYS \
	"(r.due_on - hk_today())::bigint, " \
	"(hk_today() - (r.delayed_at at time zone 'Asia/Hong_Kong')::date)::bigint, " \
	"(r.due_on - hk_today()) * 4 < r.due_on - r.received_on, " \
	"r.closed_at is null and r.delayed_at is null and hk_today() > r.due_rolled_on, r.late, " \
	"r.closed_at is null and request_is_late(r, ''), " \
	"r.closed_at is null and request_is_late(r, 'refuse'), "
#define LEADS \
	"(select m.message_id from message m where m.message_id = r.message_id), " \
	"(select o.request_id from privacy_request o where o.request_id = r.access_id), " \
	"(select o.request_id from privacy_request o where o.request_id = r.duplicate_of), "
#define SUBJECTS \
	"array(select contact_id from request_subject s where s.request_id = r.request_id " \
	"and contact_id is not null order by 1), " \
	"array(select user_id from request_subject s where s.request_id = r.request_id " \
	"and user_id is not null order by 1), " \
	"array(select o.request_id from request_link l join privacy_request o " \
	"on o.request_id = l.earlier_id where l.request_id = r.request_id order by 1), "
#define COLUMNS \
	"r.request_id, r.version, r.reference, r.kind, r.state, r.channel, r.language, " \
	"r.capacity, r.received_on::text, r.due_on::text, r.due_rolled_on::text, " TIMES \
	"r.fee, r.identity_how, " DAYS "r.limb_a, r.limb_b, r.statutory_form, " \
	"r.authority_at is not null, r.channel = 'form' and r.confirmed_at is null, " \
	"r.assignee_id, r.recorded_by, " LEADS \
	"(select name from app_user where user_id = r.assignee_id), " \
	"(select name from app_user where user_id = r.recorded_by), " \
	"r.key_id, (select wrapped from data_key k where k.key_id = r.key_id), " \
	"r.particulars, " SUBJECTS \
	"array(select s.action || ':' || array_to_string(request_lacks(r, s.action), ',') from " \
	"(select distinct action from request_step where kind = r.kind and from_state = " \
	"r.state) s order by 1) "

enum {
	C_ID,
	C_VERSION,
	C_REFERENCE,
	C_KIND,
	C_STATE,
	C_CHANNEL,
	C_LANGUAGE,
	C_CAPACITY,
	C_RECEIVED_ON,
	C_DUE,
	C_ROLLED,
	C_RECEIVED,
	C_RECORDED,
	C_CLOSED,
	C_IDENTITY,
	C_APPROVED,
	C_DELAYED,
	C_FEE_AT,
	C_FEE_PAID,
	C_FEE,
	C_HOW,
	C_LEFT,
	C_SINCE,
	C_SOON,
	C_OVERDUE,
	C_LATE,
	C_LATE_NOW,
	C_PAST,
	C_LIMB_A,
	C_LIMB_B,
	C_FORM,
	C_AUTHORITY,
	C_UNCONFIRMED,
	C_ASSIGNEE,
	C_RECORDER,
	C_MESSAGE,
	C_ACCESS,
	C_DUPLICATE,
	C_ASSIGNEE_NAME,
	C_RECORDER_NAME,
	C_KEY,
	C_WRAPPED,
	C_PARTICULARS,
	C_CONTACTS,
	C_USERS,
	C_EARLIER,
	C_STEPS
};

const char case_columns[] = COLUMNS;

STMT(read_case, "case.read", 1,
	"select " COLUMNS "from privacy_request r where r.request_id = $1::bigint");
STMT(find_term, "case.term", 2,
	"select extract(day from term)::bigint from law_term where code = $1 and from_on <= "
	"$2::date order by from_on desc limit 1");
STMT(add_event, "case.event", 4,
	"insert into request_event (request_id, action, note, data) values ($1::bigint, $2, $3, "
	"$4::jsonb)");
/* Those which end on that day, or would but for days before it. */
STMT(open_cases, "case.open", 1,
	"select request_id, due_on::text, due_rolled_on::text from privacy_request "
	"where closed_at is null and due_on > received_on and due_on <= $1::date "
	"and due_on >= $1::date - 30 order by due_on, request_id for update");
STMT(set_last, "case.last_day", 2,
	"update privacy_request set due_rolled_on = $2::date, version = version + 1, updated_at = "
	"now() where request_id = $1::bigint");

#define KEY_PURPOSE "request"
#define USEC ((int64_t)1000000)
#define HONG_KONG ((int64_t)8 * 3600 * USEC)
#define DAY ((int64_t)86400 * USEC)

static const char *
place(const struct request *rq, const struct privacy_case *c, const char *what)
{
	return arena_printf(rq->a, "request.%s|%lld", what, (long long)c->key.id);
}

struct bytes
case_seal(
	const struct request *rq, const struct privacy_case *c, const char *what, const char *text)
{
	if (text == NULL || !c->opens)
		return (struct bytes){NULL, 0};
	return seal_value(rq->a, &c->key, place(rq, c, what), text, strlen(text));
}

const char *
case_unseal(const struct request *rq, const struct privacy_case *c, const char *what,
	struct bytes sealed)
{
	struct bytes plain;

	if (sealed.p == NULL || !c->opens ||
		!unseal_value(rq->a, &c->key, place(rq, c, what), sealed, &plain))
		return NULL;
	return (const char *)plain.p;
}

static void
open_particulars(struct request *rq, const struct rows *r, size_t i, struct privacy_case *c)
{
	struct bytes wrapped = rows_bytes(rq->a, r, i, C_WRAPPED);
	const char *text;

	c->particulars = model_object(rq->a);
	c->opens = wrapped.p != NULL && key_unwrap(rq->a, &rq->tenant->kek, KEY_PURPOSE, wrapped,
						rows_i64(r, i, C_KEY), &c->key);
	text = case_unseal(rq, c, "particulars", rows_bytes(rq->a, r, i, C_PARTICULARS));
	if (text != NULL)
		c->particulars = model_own(rq->a, json_tokener_parse(text));
}

struct err *
case_of_row(struct request *rq, const struct rows *r, size_t i, struct privacy_case *c)
{
	*c = (struct privacy_case){.id = rows_i64(r, i, C_ID),
		.version = rows_i64(r, i, C_VERSION),
		.reference = rows_text(r, i, C_REFERENCE),
		.kind = rows_text(r, i, C_KIND),
		.state = rows_text(r, i, C_STATE),
		.channel = rows_text(r, i, C_CHANNEL),
		.language = rows_text(r, i, C_LANGUAGE),
		.capacity = rows_text(r, i, C_CAPACITY),
		.received_on = rows_text(r, i, C_RECEIVED_ON),
		.due_on = rows_text(r, i, C_DUE),
		.due_rolled_on = rows_text(r, i, C_ROLLED),
		.received_at = rows_i64(r, i, C_RECEIVED),
		.recorded_at = rows_i64(r, i, C_RECORDED),
		.closed_at = rows_i64(r, i, C_CLOSED),
		.identity_at = rows_i64(r, i, C_IDENTITY),
		.approved_at = rows_i64(r, i, C_APPROVED),
		.delayed_at = rows_i64(r, i, C_DELAYED),
		.fee_at = rows_i64(r, i, C_FEE_AT),
		.fee_paid_at = rows_i64(r, i, C_FEE_PAID),
		.fee = rows_i64(r, i, C_FEE),
		.identity_how = rows_text(r, i, C_HOW),
		.days_left = rows_i64(r, i, C_LEFT),
		.since_notice = rows_i64(r, i, C_SINCE),
		.soon = rows_bool(r, i, C_SOON),
		.overdue = rows_bool(r, i, C_OVERDUE),
		.late = rows_bool(r, i, C_LATE),
		.late_now = rows_bool(r, i, C_LATE_NOW),
		.past = rows_bool(r, i, C_PAST),
		.limb_a = rows_bool(r, i, C_LIMB_A),
		.limb_b = rows_bool(r, i, C_LIMB_B),
		.statutory_form = rows_bool(r, i, C_FORM),
		.authority = rows_bool(r, i, C_AUTHORITY),
		.unconfirmed = rows_bool(r, i, C_UNCONFIRMED),
		.assignee_id = rows_i64(r, i, C_ASSIGNEE),
		.recorded_by = rows_i64(r, i, C_RECORDER),
		.message_id = rows_i64(r, i, C_MESSAGE),
		.access_id = rows_i64(r, i, C_ACCESS),
		.duplicate_of = rows_i64(r, i, C_DUPLICATE),
		.assignee = rows_text(r, i, C_ASSIGNEE_NAME),
		.recorder = rows_text(r, i, C_RECORDER_NAME)};
	c->contacts = rows_i64s(rq->a, r, i, C_CONTACTS, &c->ncontacts);
	c->users = rows_i64s(rq->a, r, i, C_USERS, &c->nusers);
	c->earlier = rows_i64s(rq->a, r, i, C_EARLIER, &c->nearlier);
	c->steps = rows_texts(rq->a, r, i, C_STEPS, &c->nsteps);
	open_particulars(rq, r, i, c);
	return NULL;
}

struct err *
case_load(struct request *rq, int64_t id, struct privacy_case *c)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &read_case, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return case_of_row(rq, r, 0, c);
}

const char *
case_text(const struct privacy_case *c, const char *name)
{
	return json_object_get_string(json_object_object_get(c->particulars, name));
}

const char *
case_lacks(const struct request *rq, const struct privacy_case *c, const char *action)
{
	size_t n = strlen(action);

	for (size_t i = 0; i < c->nsteps; i++)
		if (strncmp(c->steps[i], action, n) == 0 && c->steps[i][n] == ':')
			return arena_strdup(rq->a, c->steps[i] + n + 1);
	return NULL;
}

static void
put_time(struct request *rq, struct json_object *o, const char *name, int64_t at)
{
	model_text(o, name, at == 0 ? NULL : time_rfc3339(rq->a, at));
}

static void
put_id(struct json_object *o, const char *name, int64_t id)
{
	if (id == 0)
		model_null(o, name);
	else
		model_i64(o, name, id);
}

static void
put_ids(struct json_object *o, const char *name, const int64_t *ids, size_t n)
{
	struct json_object *list = model_list(o, name);

	for (size_t i = 0; i < n; i++)
		model_push_i64(list, ids[i]);
}

/* Steps that can be taken now, and what the others lack. */
static void
put_steps(struct request *rq, const struct privacy_case *c, struct json_object *o)
{
	struct json_object *allowed = model_list(o, "allowed"),
			   *missing = model_child(o, "missing");

	for (size_t i = 0; i < c->nsteps; i++) {
		const char *colon = strchr(c->steps[i], ':'), *lack = colon + 1;
		const char *action =
			arena_strndup(rq->a, c->steps[i], (size_t)(colon - c->steps[i]));
		struct json_object *list;

		if (*lack == '\0') {
			model_push_text(allowed, action);
			continue;
		}
		list = model_list(missing, action);
		for (const char *end; *lack != '\0'; lack = *end == ',' ? end + 1 : end) {
			end = lack + strcspn(lack, ",");
			model_push_text(list, arena_strndup(rq->a, lack, (size_t)(end - lack)));
		}
	}
}

void
case_model(struct request *rq, const struct privacy_case *c, struct json_object *o)
{
	static const char *const person[] = {"name", "email", "phone", "address", NULL};
	static const char *const texts[] = {"scope", "period_from", "period_to", "not_wanted",
		"form_wanted", "subject_name", "subject_reference", NULL};
	struct json_object *requestor;

	model_i64(o, "id", c->id);
	model_text(o, "reference", c->reference);
	model_text(o, "kind", c->kind);
	model_bool(o, "statutory", strcmp(c->kind, "erasure") != 0);
	model_text(o, "state", c->state);
	model_text(o, "channel", c->channel);
	model_text(o, "language", c->language);
	put_time(rq, o, "received_at", c->received_at);
	model_text(o, "due_at", c->due_on);
	model_text(o, "due_rolled_at", c->due_rolled_on);
	model_i64(o, "days_left", c->days_left);
	model_bool(o, "overdue", c->overdue);
	model_bool(o, "late", c->late);
	model_bool(o, "limb_a", c->limb_a);
	model_bool(o, "limb_b", c->limb_b);
	model_bool(o, "statutory_form", c->statutory_form);
	model_text(o, "capacity", c->capacity);
	requestor = model_child(o, "requestor");
	for (const char *const *t = person; *t != NULL; t++)
		model_text(requestor, *t, case_text(c, *t));
	for (const char *const *t = texts; *t != NULL; t++)
		model_text(o, *t, case_text(c, *t));
	if (strcmp(c->channel, "form") == 0)
		model_bool(o, "email_confirmed", !c->unconfirmed);
	else
		model_null(o, "email_confirmed");
	put_ids(o, "contact_ids", c->contacts, c->ncontacts);
	put_ids(o, "user_ids", c->users, c->nusers);
	put_ids(o, "earlier_ids", c->earlier, c->nearlier);
	put_id(o, "assignee_id", c->assignee_id);
	model_text(o, "assignee", c->assignee);
	put_id(o, "recorded_by", c->recorded_by);
	put_id(o, "message_id", c->message_id);
	put_id(o, "access_id", c->access_id);
	put_id(o, "duplicate_of", c->duplicate_of);
	put_time(rq, o, "identity_at", c->identity_at);
	model_text(o, "identity_how", c->identity_how);
	model_bool(o, "authority", c->authority);
	put_time(rq, o, "approved_at", c->approved_at);
	put_time(rq, o, "delayed_at", c->delayed_at);
	put_time(rq, o, "fee_at", c->fee_at);
	put_time(rq, o, "fee_paid_at", c->fee_paid_at);
	put_time(rq, o, "recorded_at", c->recorded_at);
	put_time(rq, o, "closed_at", c->closed_at);
	model_i64(o, "version", c->version);
	put_steps(rq, c, o);
}

static struct err *
count_days(struct request *rq, const struct holidays *h, const char *kind, int64_t day,
	struct deadline *d)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &find_term,
		VALS(val_text(arena_printf(rq->a, "%s_reply", kind)),
			val_text(date_of_number(rq->a, day))),
		&r));
	if (rows_count(r) == 0)
		return err_internal(rq->a, "no period of law for %s", kind);
	*d = deadline_count(h, day, (int)rows_i64(r, 0, 0));
	return NULL;
}

struct err *
case_days(struct request *rq, const char *kind, int64_t received_at, struct case_days *d)
{
	int64_t local = received_at + HONG_KONG;
	int64_t day = local / DAY - (local % DAY < 0);
	struct holidays h;
	struct deadline due;

	TRY(holidays_load(rq->tx, rq->a, &h));
	TRY(count_days(rq, &h, kind, day, &due));
	d->received_on = date_of_number(rq->a, day);
	d->due_on = date_of_number(rq->a, due.target);
	d->due_rolled_on = date_of_number(rq->a, due.last);
	d->known = due.last <= h.known;
	return NULL;
}

struct err *
case_roll(struct request *rq, const char *day)
{
	struct holidays h;
	struct rows *r;

	TRY(holidays_load(rq->tx, rq->a, &h));
	TRY(tx_query(rq->tx, &open_cases, VALS(val_text(day)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct privacy_case c = {.id = rows_i64(r, i, 0)};
		int64_t last = date_number(rows_text(r, i, 1));
		struct json_object *data = model_object(rq->a);
		const char *text;

		while (holidays_on(&h, last))
			last++;
		text = date_of_number(rq->a, last);
		if (strcmp(text, rows_text(r, i, 2)) == 0)
			continue;
		tx_queue(rq->tx, &set_last, VALS(val_i64(c.id), val_text(text)), NULL);
		model_text(data, "before", rows_text(r, i, 2));
		model_text(data, "after", text);
		case_note(rq, &c, "due_moved", NULL, data);
	}
	return tx_run(rq->tx);
}

void
case_note(struct request *rq, const struct privacy_case *c, const char *action, const char *text,
	struct json_object *data)
{
	tx_queue(rq->tx, &add_event,
		VALS(val_i64(c->id), val_text(action), val_bytes(case_seal(rq, c, "note", text)),
			val_text(data != NULL ? json_object_to_json_string_ext(
							data, JSON_C_TO_STRING_PLAIN)
					      : "{}")),
		NULL);
}
