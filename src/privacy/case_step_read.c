/* SPDX-License-Identifier: ISC */
/* What was sent with a step: read, held against what the step takes, and against the case. */
#include "case_step.h"

#include <string.h>

#include "date.h"
#include "money.h"
#include "text.h"

STMT(find_grounds, "case.find_grounds", 1,
	"select ground, must from request_ground where kind = $1 order by position");
STMT(partly, "case.partly", 1,
	"select exists (select from request_subject s join erasure e using (contact_id) where "
	"s.request_id = $1::bigint and e.next_until is not null) or exists (select from "
	"request_item i where i.request_id = $1::bigint and i.outcome = 'refused')");
STMT(find_original, "case.original", 3,
	"select request_id from privacy_request where request_id = $1::bigint and kind = $2 "
	"and request_id <> $3::bigint");

static const char *const fees[] = {"copying", "postage", "labour", "media", NULL};

const char *
step_text(struct request *rq, const char *name)
{
	const char *text = request_text(rq, name);

	return text != NULL ? text_clean(rq->a, text, true) : NULL;
}

/* What the step does not take, and what it cannot do without. */
static void
check_taken(struct request *rq, const struct step *s, struct err **e)
{
	for (const struct param *p = step_params; p->name != NULL; p++) {
		int takes = step_takes(s, p->name);
		struct json_object *v = request_value(rq, p->name);

		if (strcmp(p->name, "prepare") == 0)
			continue;
		if (takes == 0 && v != NULL)
			err_add_field(rq->a, e, p->name, "error.unknown_field", NULL);
		else if (takes == 2 && (v == NULL || ((p->type == P_TEXT || p->type == P_LONG) &&
							     step_text(rq, p->name) == NULL)))
			err_add_field(rq->a, e, p->name, "error.required", NULL);
	}
}

static void
read_notes(struct request *rq, struct step_sent *s)
{
	static const char *const names[] = {"reason", "supplied", "evidence", "other_user_name",
		"other_user_address", "opinion_note", NULL};

	sb_init(&s->note, rq->a, 65536);
	for (const char *const *n = names; *n != NULL; n++) {
		const char *text = step_text(rq, *n);

		if (text != NULL)
			sb_printf(&s->note, "%s%s", s->note.n > 0 ? "\n" : "", text);
	}
}

/* s.28(4): not more than in the cheapest of the forms it can be had in. */
static void
read_lowest(struct request *rq, struct step_sent *s, int64_t fee, struct err **e)
{
	const char *text = step_text(rq, "fee_lowest");
	int64_t cents = 0;

	if (text == NULL)
		return;
	if (!money_parse(text, "HKD", &cents) || cents < 0)
		err_add_field(rq->a, e, "fee_lowest", "error.money", NULL);
	else if (fee > cents)
		err_add_field(rq->a, e, "fee_lowest", "error.fee_lowest", NULL);
	model_i64(s->data, "fee_lowest", cents);
}

/* s.28: only what the copy costs, item by item. */
static void
read_fee(struct request *rq, struct step_sent *s, struct err **e)
{
	struct json_object *lines = model_child(s->data, "fee_items");
	int64_t sum = 0, cents;

	for (const char *const *f = fees; *f != NULL; f++) {
		const char *name = arena_printf(rq->a, "fee_%s", *f), *text = step_text(rq, name);

		if (text == NULL)
			continue;
		if (!money_parse(text, "HKD", &cents) || cents < 0 || cents > 100000000) {
			err_add_field(rq->a, e, name, "error.money", NULL);
			continue;
		}
		model_i64(lines, *f, cents);
		sum += cents;
	}
	if (sum == 0 && *e == NULL)
		err_add_field(rq->a, e, "fee_copying", "error.fee_items", NULL);
	model_i64(s->data, "fee", sum);
	read_lowest(rq, s, sum, e);
}

static struct err *
read_ground(struct request *rq, const struct privacy_case *c, struct step_sent *s, struct err **e)
{
	const char *typed = request_text(rq, "ground");
	struct rows *r;

	TRY(tx_query(rq->tx, &find_grounds, VALS(val_text(c->kind)), &r));
	for (size_t i = 0; typed != NULL && i < rows_count(r); i++)
		if (strcmp(rows_text(r, i, 0), typed) == 0)
			s->ground = rows_text(r, i, 0);
	if (typed != NULL && s->ground == NULL)
		err_add_field(rq->a, e, "ground", "error.choice", NULL);
	if (s->ground == NULL || strcmp(s->step->action, "refuse") != 0)
		return NULL;
	if (strcmp(s->ground, "20(3)(c)") == 0 && c->nearlier < 2)
		err_add_field(rq->a, e, "ground", "error.two_earlier", NULL);
	if (strcmp(s->ground, "28(5)") == 0 && c->fee_at == 0)
		err_add_field(rq->a, e, "ground", "error.no_fee", NULL);
	if (strcmp(s->ground, "20(3)(d)") == 0 || strcmp(s->ground, "24(3)(e)") == 0) {
		static const char *const names[] = {"other_user_name", "other_user_address"};

		for (size_t i = 0; i < 2; i++)
			if (step_text(rq, names[i]) == NULL)
				err_add_field(rq->a, e, names[i], "error.required", NULL);
		model_bool(s->data, "other_user", true);
	}
	return NULL;
}

/* s.25(2): what the requestor disputes of an opinion goes with it. */
static struct err *
read_opinion(struct request *rq, const struct privacy_case *c, struct step_sent *s, struct err **e)
{
	bool opinion = request_bool(rq, "opinion", false);

	if (opinion && strcmp(c->kind, "correction") != 0)
		err_add_field(rq->a, e, "opinion", "error.unknown_field", NULL);
	else if (opinion && step_text(rq, "opinion_note") == NULL)
		err_add_field(rq->a, e, "opinion_note", "error.required", NULL);
	if (!opinion || *e != NULL)
		return NULL;
	TRY(opinion_read(rq, c, &s->opinion, e));
	model_bool(s->data, "opinion", true);
	model_text(s->data, "opinion_of",
		arena_printf(rq->a, "%s:%lld", entity_name(s->opinion.entity),
			(long long)s->opinion.id));
	return NULL;
}

static struct err *
read_original(struct request *rq, const struct privacy_case *c, struct step_sent *s, struct err **e)
{
	int64_t id = request_i64(rq, "duplicate_of", 0);
	struct rows *r;

	if (id == 0)
		return NULL;
	TRY(tx_query(
		rq->tx, &find_original, VALS(val_i64(id), val_text(c->kind), val_i64(c->id)), &r));
	if (rows_count(r) == 0)
		err_add_field(rq->a, e, "duplicate_of", "error.reference", NULL);
	model_i64(s->data, "duplicate_of", id);
	return NULL;
}

static struct err *
read_received(struct request *rq, const struct privacy_case *c, struct step_sent *s, struct err **e)
{
	struct case_days days;
	int64_t now, at;

	if (request_text(rq, "received_at") == NULL)
		return NULL;
	TRY(case_now(rq, &now));
	case_read_received(rq, now, c->received_at, &at, e);
	if (*e != NULL)
		return NULL;
	TRY(case_days(rq, c->kind, at, &days));
	model_text(s->data, "received_at", time_rfc3339(rq->a, at));
	model_text(s->data, "due_on", days.due_on);
	model_text(s->data, "due_rolled_on", days.due_rolled_on);
	model_text(s->data, "before", c->received_on);
	model_text(s->data, "after", days.received_on);
	return NULL;
}

static struct err *
read_copy_sent(
	struct request *rq, const struct privacy_case *c, struct step_sent *s, struct err **e)
{
	const char *day = request_text(rq, "copy_sent_on");
	struct case_days today;
	int64_t now;

	if (day == NULL)
		return NULL;
	TRY(case_now(rq, &now));
	TRY(case_days(rq, c->kind, now, &today));
	if (strcmp(day, today.received_on) > 0 || strcmp(day, c->received_on) < 0)
		err_add_field(rq->a, e, "copy_sent_on", "error.copy_sent_on", NULL);
	model_text(s->data, "copy_sent_on", day);
	return NULL;
}

/* s.21(2): answered so, with the prejudice entered, or not at all. Once the letter went out, it
 * decides which. */
static void
read_prejudice(struct request *rq, struct step_sent *s, bool recalled, struct err **e)
{
	bool typed = step_text(rq, "prejudice") != NULL, as_such;

	if (strcmp(s->step->action, "not_held") != 0)
		return;
	as_such = s->prepare || s->notice.waits ? typed : s->notice.undisclosed;
	if (typed && !as_such)
		err_add_field(rq->a, e, "prejudice", "error.disclosed", NULL);
	else if (as_such && !typed && !(recalled && s->ground != NULL))
		err_add_field(rq->a, e, "prejudice", "error.required", NULL);
	s->ground = as_such ? UNDISCLOSED : NULL;
}

/* Nothing but what was entered when the letter was prepared. */
static bool
recalls(struct request *rq, const struct step_sent *s)
{
	if (s->notice.data == NULL || s->prepare)
		return false;
	for (const struct param *p = step_params; p->name != NULL; p++)
		if (strcmp(p->name, "late_reason") != 0 && strcmp(p->name, "prepare") != 0 &&
			request_value(rq, p->name) != NULL)
			return false;
	return true;
}

static void
recall(struct request *rq, struct step_sent *s, struct err **e)
{
	s->data = s->notice.data;
	s->ground = s->notice.ground;
	sb_init(&s->note, rq->a, 65536);
	if (s->notice.note != NULL)
		sb_puts(&s->note, s->notice.note);
	s->late_reason = step_text(rq, "late_reason");
	if (s->late_reason == NULL)
		s->late_reason = s->notice.late_reason;
	if (s->notice.late && s->late_reason == NULL)
		err_add_field(rq->a, e, "late_reason", "error.late_reason", NULL);
}

struct err *
step_read(struct request *rq, const struct privacy_case *c, struct step_sent *s, struct err **e)
{
	const char *how = request_text(rq, "how");
	struct rows *r;
	bool known = false;

	if (recalls(rq, s)) {
		recall(rq, s, e);
		read_prejudice(rq, s, true, e);
		return NULL;
	}
	s->data = model_object(rq->a);
	check_taken(rq, s->step, e);
	read_notes(rq, s);
	TRY(read_ground(rq, c, s, e));
	read_prejudice(rq, s, false, e);
	TRY(read_opinion(rq, c, s, e));
	TRY(read_original(rq, c, s, e));
	TRY(read_received(rq, c, s, e));
	if (strcmp(s->step->action, "fee") == 0)
		read_fee(rq, s, e);
	for (const char *const *h = step_hows; how != NULL && *h != NULL; h++)
		known |= strcmp(*h, how) == 0;
	if (how != NULL && !known)
		err_add_field(rq->a, e, "how", "error.choice", NULL);
	if (how != NULL)
		model_text(s->data, "how", how);
	if (request_bool(rq, "authority", false))
		model_bool(s->data, "authority", true);
	TRY(read_copy_sent(rq, c, s, e));
	s->late_reason = step_text(rq, "late_reason");
	if (s->notice.late && s->late_reason == NULL)
		err_add_field(rq->a, e, "late_reason", "error.late_reason", NULL);
	if (strcmp(s->step->action, "erase") != 0)
		return NULL;
	TRY(tx_query(rq->tx, &partly, VALS(val_i64(c->id)), &r));
	s->to_state = rows_bool(r, 0, 0) ? "partly_erased" : "erased";
	return NULL;
}
