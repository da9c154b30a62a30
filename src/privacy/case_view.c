/* SPDX-License-Identifier: ISC */
/* What is shown of a case: its words, its timeline. */
#include "case_view.h"

#include <string.h>

#include "case_file.h"
#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "event.h"
#include "handover.h"
#include "holiday.h"
#include "letter.h"
#include "money.h"
#include "retention.h"

STMT(find_subjects, "case.subjects", 3,
	"select c.contact_id, coalesce(case when $2::boolean then c.name_en end, case when "
	"$3::boolean then c.name_zh end) from request_subject s join contact c using (contact_id) "
	"where s.request_id = $1::bigint order by 1");
STMT(find_users, "case.subject_users", 1,
	"select u.user_id, u.name from request_subject s join app_user u using (user_id) "
	"where s.request_id = $1::bigint order by 1");
#define EVENTS 200

STMT(find_events, "case.events", 2,
	"select e.action, e.from_state, e.to_state, (extract(epoch from e.at) * 1000000)::bigint, "
	"u.name, e.ground, e.note, e.late_reason, e.data::text, e.late, e.sole, e.event_id "
	"from request_event e left join app_user u on u.user_id = e.by_user "
	"where e.request_id = $1::bigint and e.event_id < $2::bigint "
	"order by e.event_id desc limit 201");
STMT(find_items, "case.items", 1,
	"select item_id, what, label, outcome, due_on::text, source, disclosed_on::text, reason, "
	"field from request_item where request_id = $1::bigint order by what, item_id limit 1000");
STMT(find_earlier, "case.earlier_list", 1,
	"select e.request_id, e.reference, e.state, e.closed_at is null from request_link l "
	"join privacy_request e on e.request_id = l.earlier_id where l.request_id = $1::bigint "
	"order by 1 desc");
STMT(find_runners, "case.runners", 0,
	"select user_id, name from app_user u where active and exists (select from profile_right r "
	"where r.profile_id = u.profile_id and r.entity = '' and r.\"right\" = 'run_requests') "
	"order by lower(name), user_id limit 200");

void
case_log(struct request *rq, const char *action, const struct privacy_case *c)
{
	struct audit_event ev = {.action = action, .entity = "request"};

	ev.records = arena_memdup(rq->a, &c->id, sizeof(c->id));
	ev.nrecords = 1;
	ev.subjects = c->contacts;
	ev.nsubjects = c->ncontacts;
	audit_queue(rq->tx, rq->a, &ev);
}

static const char *
day_text(const struct request *rq, const char *iso)
{
	return date_show(rq->a, iso, lang_tag(request_lang(rq)));
}

/* How long there is, as a badge: its kind and words; for the board and the case. */
static void
add_badge(struct request *rq, const struct privacy_case *c, struct json_object *o)
{
	const char *kind = "neutral", *text;

	if (c->closed_at != 0) {
		kind = c->late ? "warning" : "neutral";
		text = say(rq, c->late ? "requests.badge.closed_late" : "requests.badge.closed");
	} else if (c->overdue) {
		kind = "danger";
		text = say(rq, "requests.badge.overdue");
	} else if (c->delayed_at != 0) {
		kind = "warning";
		text = count_text(rq, "requests.since_notice", c->since_notice);
	} else if (c->days_left < 0) {
		kind = "warning";
		text = view_text(rq->a, request_lang(rq), "requests.badge.last_day",
			day_text(rq, c->due_rolled_on));
	} else {
		kind = c->soon ? "warning" : "neutral";
		text = count_text(rq, "requests.left", c->days_left);
	}
	model_text(o, "kind", kind);
	model_text(o, "text", text);
}

/* When the day comes near: what the law wants until it, or still wants after it. */
static void
add_soon(struct request *rq, const struct privacy_case *c, struct json_object *page)
{
	if (c->closed_at != 0 || c->delayed_at != 0 || (!c->soon && !c->past) ||
		(strcmp(c->kind, "access") != 0 && strcmp(c->kind, "correction") != 0))
		return;
	model_bool(page, "past", c->past);
	model_text(page, "soon",
		view_text(rq->a, request_lang(rq), c->past ? "requests.past" : "requests.soon",
			day_text(rq, c->due_rolled_on)));
}

void
case_words(struct request *rq, const struct privacy_case *c, struct json_object *o)
{
	model_text(o, "url", arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id));
	model_text(o, "kind_word", say_word(rq, "requests.kind", c->kind));
	model_text(o, "state_word", say_word(rq, "requests.state", c->state));
	model_text(o, "channel_word", say_word(rq, "requests.channel", c->channel));
	model_text(o, "received", day_text(rq, c->received_on));
	model_text(o, "due", day_text(rq, c->due_on));
	model_text(o, "last_day", day_text(rq, c->due_rolled_on));
	model_text(o, "who",
		case_text(c, "name") != NULL ? case_text(c, "name") : say(rq, "requests.nobody"));
	add_badge(rq, c, model_child(o, "badge"));
	if (c->unconfirmed)
		model_text(o, "doubt", say(rq, "requests.unconfirmed"));
}

struct err *
case_runners(struct request *rq, struct json_object *field)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &find_runners, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(field, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0)),
			rows_text(r, i, 1));
	return NULL;
}

/* "20(3)(ea)" -> "requests.ground.20_3_ea" */
const char *
case_ground_word(const struct request *rq, const char *ground)
{
	char *key = arena_strdup(rq->a, ground), *to = key;

	for (const char *p = ground; *p != '\0'; p++)
		if (*p == '(')
			*to++ = '_';
		else if (*p != ')')
			*to++ = *p;
	*to = '\0';
	return arena_printf(rq->a, "s.%s %s", ground, say_word(rq, "requests.ground", key));
}

/* What an event says besides its action: reasons, the ground, days, amounts. */
static const char *
event_text(struct request *rq, const struct privacy_case *c, const struct rows *r, size_t i)
{
	const char *note = case_unseal(rq, c, "note", rows_bytes(rq->a, r, i, 6));
	const char *late = case_unseal(rq, c, "note", rows_bytes(rq->a, r, i, 7));
	struct json_object *data = model_own(rq->a, json_tokener_parse(rows_text(r, i, 8))), *v;
	struct sb sb;

	sb_init(&sb, rq->a, 65536);
	if (!rows_null(r, i, 5))
		sb_printf(&sb, "%s\n", case_ground_word(rq, rows_text(r, i, 5)));
	if (json_object_object_get_ex(data, "how", &v))
		sb_printf(&sb, "%s\n", say_word(rq, "requests.how", json_object_get_string(v)));
	if (json_object_object_get_ex(data, "for", &v))
		sb_printf(&sb, "%s\n", say_word(rq, "requests.action", json_object_get_string(v)));
	if (json_object_object_get_ex(data, "letter", &v))
		sb_printf(&sb, "%s\n", say_word(rq, "letters.name", json_object_get_string(v)));
	if (json_object_object_get_ex(data, "outcome", &v))
		sb_printf(&sb, "%s\n", say_word(rq, "requests.outcome", json_object_get_string(v)));
	if (json_object_object_get_ex(data, "listed", &v))
		sb_printf(&sb, "%s\n",
			view_text(rq->a, request_lang(rq), "requests.listed",
				number_text(rq->a, json_object_get_int64(v))));
	if (json_object_object_get_ex(data, "fee", &v))
		sb_printf(&sb, "%s\n", money_show(rq->a, json_object_get_int64(v), "HKD"));
	if (json_object_object_get_ex(data, "before", &v))
		sb_printf(&sb, "%s \xe2\x86\x92 %s\n", day_text(rq, json_object_get_string(v)),
			day_text(
				rq, json_object_get_string(json_object_object_get(data, "after"))));
	if (json_object_object_get_ex(data, "copy_sent_on", &v))
		sb_printf(&sb, "%s\n", day_text(rq, json_object_get_string(v)));
	if (note != NULL)
		sb_printf(&sb, "%s\n", note);
	if (late != NULL)
		sb_printf(&sb, "%s\n",
			view_text(rq->a, request_lang(rq), "requests.late_because", late));
	return sb.p;
}

static void
add_event_badges(struct request *rq, const struct rows *r, size_t i, struct json_object *badges)
{
	struct json_object *o;

	if (strcmp(rows_text(r, i, 1), rows_text(r, i, 2)) != 0) {
		o = model_item(badges);
		model_text(o, "kind", "info");
		model_text(o, "text", say_word(rq, "requests.state", rows_text(r, i, 2)));
	}
	if (rows_bool(r, i, 9)) {
		o = model_item(badges);
		model_text(o, "kind", "danger");
		model_text(o, "text", say(rq, "requests.badge.late"));
	}
	if (rows_bool(r, i, 10)) {
		o = model_item(badges);
		model_text(o, "kind", "warning");
		model_text(o, "text", say(rq, "requests.sole"));
	}
}

static void
add_event(struct request *rq, const struct privacy_case *c, const struct rows *r, size_t i,
	struct json_object *o)
{
	const char *action = rows_text(r, i, 0);

	model_text(o, "action", action);
	model_text(o, "from", rows_text(r, i, 1));
	model_text(o, "to", rows_text(r, i, 2));
	model_text(o, "at", time_rfc3339(rq->a, rows_i64(r, i, 3)));
	model_text(o, "who", rows_text(r, i, 4));
	model_text(o, "ground", rows_text(r, i, 5));
	model_bool(o, "late", rows_bool(r, i, 9));
	model_bool(o, "sole_approver", rows_bool(r, i, 10));
	model_text(o, "text", event_text(rq, c, r, i));
	if (rq->api)
		return;
	model_text(o, "kind", "change");
	model_text(o, "when", time_show(rq->a, rows_i64(r, i, 3), lang_tag(request_lang(rq))));
	model_text(o, "title", say_word(rq, "requests.event", action));
	add_event_badges(rq, r, i, model_list(o, "badges"));
}

/* A case that is long under way has hundreds: each search and each fetching is one. */
static struct err *
add_events(struct request *rq, const struct privacy_case *c, struct json_object *data,
	struct json_object *page)
{
	const char *list = arena_printf(rq->a, "case.events|%lld", (long long)c->id);
	const char *url = arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id);
	struct json_object *events = model_list(data, "events");
	const char *next = NULL;
	int64_t before;
	struct rows *r;

	TRY(cursor_number(rq, list, &before));
	TRY(tx_query(rq->tx, &find_events,
		VALS(val_i64(c->id), val_i64(before != 0 ? before : INT64_MAX)), &r));
	for (size_t i = 0; i < rows_count(r) && i < EVENTS; i++)
		add_event(rq, c, r, i, model_item(events));
	if (rows_count(r) > EVENTS)
		next = cursor_of_number(rq, list, rows_i64(r, EVENTS - 1, 11));
	if (page == NULL) {
		model_text(data, "events_next", next);
		return NULL;
	}
	if (next != NULL)
		model_text(page, "timeline_more",
			arena_printf(rq->a, "%s?after=%s#history", url, next));
	if (before != 0)
		model_text(page, "timeline_newest", arena_printf(rq->a, "%s#history", url));
	return NULL;
}

static struct err *
add_items(struct request *rq, const struct privacy_case *c, struct json_object *list)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &find_items, VALS(val_i64(c->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);

		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(o, "what", rows_text(r, i, 1));
		model_text(o, "label", case_unseal(rq, c, "label", rows_bytes(rq->a, r, i, 2)));
		model_text(o, "outcome", rows_text(r, i, 3));
		model_text(o, "due_on", rows_text(r, i, 4));
		model_text(o, "source", rows_text(r, i, 5));
		model_text(o, "disclosed_on", rows_text(r, i, 6));
		model_text(o, "reason", case_unseal(rq, c, "reason", rows_bytes(rq->a, r, i, 7)));
		model_text(o, "field", rows_text(r, i, 8));
		if (rq->api)
			continue;
		if (!rows_null(r, i, 4))
			model_text(o, "by",
				view_text(rq->a, request_lang(rq), "requests.by",
					day_text(rq, rows_text(r, i, 4))));
		if (!rows_null(r, i, 6))
			model_text(o, "by", day_text(rq, rows_text(r, i, 6)));
		if (!rows_null(r, i, 5))
			model_text(o, "source_word",
				say_word(rq, "disclosures.source", rows_text(r, i, 5)));
		model_text(o, "what_word", say_word(rq, "requests.what", rows_text(r, i, 1)));
		if (!rows_null(r, i, 3))
			model_text(o, "outcome_word",
				say_word(rq, "requests.outcome", rows_text(r, i, 3)));
	}
	return NULL;
}

static struct err *
add_people(struct request *rq, const struct privacy_case *c, struct json_object *page)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *list = model_list(page, "people");
	struct rows *r, *u, *e;
	int64_t *named;
	size_t nnamed = 0;

	tx_queue(rq->tx, &find_subjects,
		VALS(val_i64(c->id), val_bool(record_reads(&cx, ENTITY_CONTACT, "name_en")),
			val_bool(record_reads(&cx, ENTITY_CONTACT, "name_zh"))),
		&r);
	tx_queue(rq->tx, &find_users, VALS(val_i64(c->id)), &u);
	TRY(tx_query(rq->tx, &find_earlier, VALS(val_i64(c->id)), &e));
	named = ARENA_ARRAY(rq->a, rows_count(r) + 1, int64_t);
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		const char *id = arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0));

		model_text(o, "url", arena_printf(rq->a, "/contacts/%s", id));
		model_text(o, "name", rows_null(r, i, 1) ? id : rows_text(r, i, 1));
		if (!rows_null(r, i, 1))
			named[nnamed++] = rows_i64(r, i, 0);
	}
	record_named(&cx, "view", named, nnamed);
	for (size_t i = 0; i < rows_count(u); i++)
		model_text(model_item(list), "name", rows_text(u, i, 1));
	list = model_list(page, "earlier");
	for (size_t i = 0; i < rows_count(e); i++) {
		struct json_object *o = model_item(list);

		model_text(o, "url",
			arena_printf(
				rq->a, "/privacy/requests/%lld", (long long)rows_i64(e, i, 0)));
		model_text(o, "reference", rows_text(e, i, 1));
		model_text(o, "state_word", say_word(rq, "requests.state", rows_text(e, i, 2)));
		model_bool(o, "open", rows_bool(e, i, 3));
	}
	return NULL;
}

void
case_crumbs(struct request *rq, struct json_object *page)
{
	struct json_object *o = model_item(model_list(page, "crumbs"));

	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
}

static void
fact(struct request *rq, struct json_object *list, const char *key, const char *text)
{
	struct json_object *o;

	if (text == NULL)
		return;
	o = model_item(list);
	model_text(o, "label", say_word(rq, "requests", key));
	model_text(o, "text", text);
}

static const char *
when(const struct request *rq, int64_t at)
{
	return at == 0 ? NULL : time_show(rq->a, at, lang_tag(request_lang(rq)));
}

static const char *
limbs(const struct request *rq, const struct privacy_case *c)
{
	if (strcmp(c->kind, "access") != 0)
		return NULL;
	return say(rq, c->limb_a && c->limb_b ? "requests.limb.both"
		       : c->limb_b            ? "requests.limb.b"
					      : "requests.limb.a");
}

static void
add_facts(struct request *rq, const struct privacy_case *c, struct json_object *page)
{
	struct json_object *list = model_list(page, "facts");
	const char *from = case_text(c, "period_from"), *to = case_text(c, "period_to");

	fact(rq, list, "received_title", when(rq, c->received_at));
	fact(rq, list, "due_title", day_text(rq, c->due_on));
	fact(rq, list, "last_day_title", day_text(rq, c->due_rolled_on));
	fact(rq, list, "channel_title", say_word(rq, "requests.channel", c->channel));
	fact(rq, list, "asked_title", limbs(rq, c));
	if (c->statutory_form)
		fact(rq, list, "form_title", say(rq, "common.yes"));
	fact(rq, list, "name_title", case_text(c, "name"));
	if (strcmp(c->capacity, "self") != 0)
		fact(rq, list, "capacity_title", say_word(rq, "requests.capacity", c->capacity));
	fact(rq, list, "email_title", case_text(c, "email"));
	fact(rq, list, "phone_title", case_text(c, "phone"));
	fact(rq, list, "address_title", case_text(c, "address"));
	fact(rq, list, "subject_name_title", case_text(c, "subject_name"));
	fact(rq, list, "subject_reference_title", case_text(c, "subject_reference"));
	fact(rq, list, "scope_title", case_text(c, "scope"));
	fact(rq, list, "not_wanted_title", case_text(c, "not_wanted"));
	fact(rq, list, "period_from_title", from != NULL ? day_text(rq, from) : NULL);
	fact(rq, list, "period_to_title", to != NULL ? day_text(rq, to) : NULL);
	if (case_text(c, "form_wanted") != NULL)
		fact(rq, list, "form_wanted_title",
			say_word(rq, "requests.form", case_text(c, "form_wanted")));
	fact(rq, list, "language_title", language_label(rq, c->language));
	fact(rq, list, "identity_title", when(rq, c->identity_at));
	fact(rq, list, "approved_title", when(rq, c->approved_at));
	fact(rq, list, "delayed_title", when(rq, c->delayed_at));
	if (c->fee_at != 0)
		fact(rq, list, "fee_title", money_show(rq->a, c->fee, "HKD"));
	fact(rq, list, "fee_paid_title", when(rq, c->fee_paid_at));
	fact(rq, list, "assignee_title", c->assignee);
	fact(rq, list, "recorder_title", c->recorder);
	fact(rq, list, "closed_title", when(rq, c->closed_at));
}

/* In a year whose holidays are not announced yet, the last day may still move. */
static struct err *
add_doubt(struct request *rq, const struct privacy_case *c, struct json_object *page)
{
	struct json_object *o;
	struct holidays h;

	TRY(holidays_load(rq->tx, rq->a, &h));
	if (c->closed_at != 0 || date_number(c->due_rolled_on) <= h.known)
		return NULL;
	o = model_item(model_list(page, "notices"));
	model_text(o, "kind", "warning");
	model_text(o, "text", say(rq, "requests.holidays_unknown"));
	return NULL;
}

struct err *
case_show(struct request *rq, struct response *rp, const struct privacy_case *c)
{
	struct json_object *data = response_data(rp), *page, *o;

	case_model(rq, c, data);
	page = rq->api ? NULL : response_page(rp);
	TRY(add_events(rq, c, data, page));
	TRY(add_items(rq, c, model_list(data, "items")));
	TRY(case_letters(rq, c, data, page));
	TRY(case_files(rq, c, data, page));
	TRY(case_handovers(rq, c, data, page));
	if (rq->api)
		return retention_of_case(rq, c, data, NULL);
	rp->template = "privacy/request";
	case_crumbs(rq, page);
	model_text(page, "title",
		view_text(rq->a, request_lang(rq), "requests.case_title", c->reference));
	model_text(page, "subtitle", say_word(rq, "requests.kind", c->kind));
	model_i64(page, "version", c->version);
	model_i64(page, "id", c->id);
	o = model_item(model_list(page, "badges"));
	model_text(o, "kind", c->closed_at != 0 ? "neutral" : "info");
	model_text(o, "text", say_word(rq, "requests.state", c->state));
	add_badge(rq, c, model_item(json_object_object_get(page, "badges")));
	if (c->unconfirmed) {
		o = model_item(json_object_object_get(page, "badges"));
		model_text(o, "kind", "warning");
		model_text(o, "text", say(rq, "requests.unconfirmed"));
	}
	if (strcmp(c->kind, "erasure") == 0)
		model_text(page, "recommended", say(rq, "requests.recommended"));
	add_soon(rq, c, page);
	add_facts(rq, c, page);
	TRY(case_steps(rq, c, page));
	TRY(add_doubt(rq, c, page));
	TRY(add_people(rq, c, page));
	return retention_of_case(rq, c, data, page);
}
