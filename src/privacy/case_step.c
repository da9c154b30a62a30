/* SPDX-License-Identifier: ISC */
/*
 * Steps of a case: one address for each, one page for what it asks. Whether a step
 * may be taken is the database's to say; here it is asked before, so that whoever
 * asks learns what is missing.
 */
#include "case_step.h"

#include <string.h>

#include "case_opinion.h"
#include "case_source.h"
#include "controls.h"
#include "date.h"
#include "disclosure.h"
#include "letter.h"
#include "log_book.h"
#include "money.h"
#include "suppression.h"
#include "text.h"

/* Of a case that is over what was entered for a refusal that was not taken. */
STMT(not_taken, "step.not_taken", 1,
	"select b.entry_id, b.ground, b.notice_on::text, b.late from log_book b join "
	"privacy_request r using (request_id) where b.request_id = $1::bigint and r.closed_at is "
	"not null and not exists (select from log_book x where x.request_id = $1::bigint and "
	"x.corrects = b.entry_id) order by b.entry_id");
STMT(first_look, "case.first_look", 2,
	"select request_first_look(r, $2::bigint) from privacy_request r where request_id = "
	"$1::bigint");
STMT(take, "case.step", 7,
	"insert into request_event (request_id, action, to_state, ground, note, late_reason, data) "
	"values ($1::bigint, $2, $3, $4, $5, $6, $7::jsonb)");
STMT(find_grounds, "case.find_grounds", 1,
	"select ground, must from request_ground where kind = $1 order by position");
STMT(partly, "case.partly", 1,
	"select exists (select from request_subject s join erasure e using (contact_id) where "
	"s.request_id = $1::bigint and e.next_until is not null) or exists (select from "
	"request_item i where i.request_id = $1::bigint and i.outcome = 'refused')");
STMT(find_original, "case.original", 3,
	"select request_id from privacy_request where request_id = $1::bigint and kind = $2 "
	"and request_id <> $3::bigint");
STMT(second, "case.second", 2,
	"select request_approver($1::bigint), $1::bigint is not distinct from $2::bigint, "
	"request_other_approver($1::bigint)");
STMT(forget, "case.forget", 1,
	"delete from data_key where key_id = $1::bigint and purpose = 'request'");
STMT(lock, "case.lock", 1,
	"select request_id from privacy_request where request_id = $1::bigint for update");
STMT(reviewer, "case.reviewer", 1,
	"select reviewed_by from privacy_request where request_id = $1::bigint");

/* The step of the path: of the row that has a right of its own, or of the token. */
static const struct step *
step_of(const struct request *rq)
{
	return step_find(rq->path_args[1] != NULL ? rq->path_args[1] : "approve");
}

/* s.21(2): nothing is said but that nothing need be disclosed. */
#define UNDISCLOSED "21(2)"

static const char *const fees[] = {"copying", "postage", "labour", "media", NULL};

/* ---- what was sent */

/* An event to be: texts are sealed later. */
struct sent {
	const struct step *step;
	struct step_notice notice;
	bool prepare; /* the letter first */
	const char *ground, *to_state, *late_reason;
	struct json_object *data;
	struct opinion opinion; /* id 0: none */
	struct sb note;
};

static const char *
text_of(struct request *rq, const char *name)
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
							     text_of(rq, p->name) == NULL)))
			err_add_field(rq->a, e, p->name, "error.required", NULL);
	}
}

static void
read_notes(struct request *rq, struct sent *s)
{
	static const char *const names[] = {"reason", "supplied", "evidence", "other_user_name",
		"other_user_address", "opinion_note", NULL};

	sb_init(&s->note, rq->a, 65536);
	for (const char *const *n = names; *n != NULL; n++) {
		const char *text = text_of(rq, *n);

		if (text != NULL)
			sb_printf(&s->note, "%s%s", s->note.n > 0 ? "\n" : "", text);
	}
}

/* s.28(4): not more than in the cheapest of the forms it can be had in. */
static void
read_lowest(struct request *rq, struct sent *s, int64_t fee, struct err **e)
{
	const char *text = text_of(rq, "fee_lowest");
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
read_fee(struct request *rq, struct sent *s, struct err **e)
{
	struct json_object *lines = model_child(s->data, "fee_items");
	int64_t sum = 0, cents;

	for (const char *const *f = fees; *f != NULL; f++) {
		const char *name = arena_printf(rq->a, "fee_%s", *f), *text = text_of(rq, name);

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
read_ground(struct request *rq, const struct privacy_case *c, struct sent *s, struct err **e)
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
			if (text_of(rq, names[i]) == NULL)
				err_add_field(rq->a, e, names[i], "error.required", NULL);
		model_bool(s->data, "other_user", true);
	}
	return NULL;
}

/* s.25(2): what the requestor disputes of an opinion goes with it. */
static struct err *
read_opinion(struct request *rq, const struct privacy_case *c, struct sent *s, struct err **e)
{
	bool opinion = request_bool(rq, "opinion", false);

	if (opinion && strcmp(c->kind, "correction") != 0)
		err_add_field(rq->a, e, "opinion", "error.unknown_field", NULL);
	else if (opinion && text_of(rq, "opinion_note") == NULL)
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
read_original(struct request *rq, const struct privacy_case *c, struct sent *s, struct err **e)
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
read_received(struct request *rq, const struct privacy_case *c, struct sent *s, struct err **e)
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
read_copy_sent(struct request *rq, const struct privacy_case *c, struct sent *s, struct err **e)
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
read_prejudice(struct request *rq, struct sent *s, bool recalled, struct err **e)
{
	bool typed = text_of(rq, "prejudice") != NULL, as_such;

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
recalls(struct request *rq, const struct sent *s)
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
recall(struct request *rq, struct sent *s, struct err **e)
{
	s->data = s->notice.data;
	s->ground = s->notice.ground;
	sb_init(&s->note, rq->a, 65536);
	if (s->notice.note != NULL)
		sb_puts(&s->note, s->notice.note);
	s->late_reason = text_of(rq, "late_reason");
	if (s->late_reason == NULL)
		s->late_reason = s->notice.late_reason;
	if (s->notice.late && s->late_reason == NULL)
		err_add_field(rq->a, e, "late_reason", "error.late_reason", NULL);
}

static struct err *
read_sent(struct request *rq, const struct privacy_case *c, struct sent *s, struct err **e)
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
	s->late_reason = text_of(rq, "late_reason");
	if (s->notice.late && s->late_reason == NULL)
		err_add_field(rq->a, e, "late_reason", "error.late_reason", NULL);
	if (strcmp(s->step->action, "erase") != 0)
		return NULL;
	TRY(tx_query(rq->tx, &partly, VALS(val_i64(c->id)), &r));
	s->to_state = rows_bool(r, 0, 0) ? "partly_erased" : "erased";
	return NULL;
}

/* Whoever put the answer together does not approve it, unless there is nobody else. */
static struct err *
check_second(struct request *rq, const struct privacy_case *c, const struct sent *s, struct err **e)
{
	bool approve = strcmp(s->step->action, "approve") == 0;
	bool later = strcmp(s->step->action, "correct_received_at") == 0 && *e == NULL &&
		     strcmp(json_object_get_string(json_object_object_get(s->data, "due_on")),
			     c->due_on) > 0;
	int64_t first = c->recorded_by;
	struct rows *r;

	if (!approve && !later && strcmp(s->step->action, "not_a_request") != 0)
		return NULL;
	if (approve) {
		TRY(tx_query(rq->tx, &reviewer, VALS(val_i64(c->id)), &r));
		first = rows_i64(r, 0, 0);
	} else if (first == 0) {
		TRY(tx_query(rq->tx, &first_look,
			VALS(val_i64(c->id), val_i64(rq->principal->user_id)), &r));
		first = rows_i64(r, 0, 0);
	}
	TRY(tx_query(rq->tx, &second, VALS(val_i64(rq->principal->user_id), val_id(first)), &r));
	/* A program is a second person as far as its token goes. */
	if (!principal_may(rq->principal, ENTITY_NONE, RIGHT_APPROVE_REQUESTS) ||
		!rows_bool(r, 0, 0) || (rows_bool(r, 0, 1) && rows_bool(r, 0, 2)))
		return err_new(rq->a, ERR_DENIED, "error.request_second");
	if (rows_bool(r, 0, 1) && text_of(rq, "reason") == NULL)
		err_add_field(rq->a, e, "reason", "error.sole_reason", NULL);
	return NULL;
}

/* Has it an entry in the log book? */
static bool
is_entered(const struct sent *s)
{
	return step_takes(s->step, "ground") != 0 ||
	       (s->ground != NULL && strcmp(s->ground, UNDISCLOSED) == 0);
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* s.27: before the notice goes. What turned out otherwise since is entered as a correction. */
static struct err *
enter_log(struct request *rq, const struct privacy_case *c, const struct sent *s)
{
	const struct step_notice *n = &s->notice;
	struct log_entry l = {.request_id = c->id,
		.corrects = n->entry,
		.kind = c->kind,
		.received_on = c->received_on,
		.ground = s->ground,
		.notice_on = n->on,
		.late = n->late,
		.requestor = case_text(c, "name"),
		.reasons = s->note.n > 0 ? s->note.p : NULL,
		.prejudice = text_of(rq, "prejudice")};
	int64_t id;

	if (!s->prepare && n->data != NULL && n->entry != 0 && l.prejudice == NULL &&
		same_text(n->note, l.reasons) && same_text(n->entry_ground, s->ground) &&
		strcmp(n->entry_on, n->on) == 0 && n->entry_late == n->late)
		return NULL;
	return log_book_enter(rq, &l, &id);
}

/* The event: of the step, or that it is prepared. */
static void
queue_event(struct request *rq, const struct privacy_case *c, const struct sent *s)
{
	if (s->prepare)
		model_text(s->data, "for", s->step->action);
	tx_queue(rq->tx, &take,
		VALS(val_i64(c->id), val_text(s->prepare ? "prepare" : s->step->action),
			val_text(s->prepare ? NULL : s->to_state), val_text(s->ground),
			val_bytes(case_seal(rq, c, "note", s->note.n > 0 ? s->note.p : NULL)),
			val_bytes(case_seal(rq, c, "note", s->late_reason)),
			val_text(json_object_to_json_string_ext(s->data, JSON_C_TO_STRING_PLAIN))),
		NULL);
}

/* A case that ended otherwise than was prepared: the log book says so, which nobody edits. */
static struct err *
correct_log(struct request *rq, const struct privacy_case *c, const struct sent *s)
{
	enum lang lang = lang_parse(c->language);
	struct rows *r;
	int64_t id;

	TRY(tx_query(rq->tx, &not_taken, VALS(val_i64(c->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct log_entry l = {.request_id = c->id,
			.corrects = rows_i64(r, i, 0),
			.kind = c->kind,
			.received_on = c->received_on,
			.ground = rows_text(r, i, 1),
			.notice_on = rows_text(r, i, 2),
			.late = rows_bool(r, i, 3),
			.requestor = case_text(c, "name"),
			.reasons = view_text(rq->a, lang, "log_book.not_taken",
				view_text(rq->a, lang,
					arena_printf(rq->a, "requests.event.%s", s->step->action),
					NULL))};

		TRY(log_book_enter(rq, &l, &id));
	}
	return NULL;
}

static struct err *
store(struct request *rq, const struct privacy_case *c, const struct sent *s)
{
	if (is_entered(s))
		TRY(enter_log(rq, c, s));
	/* What was prepared with it is there already. */
	if (s->opinion.id != 0 &&
		(s->notice.note == NULL || strcmp(s->notice.note, s->note.p) != 0))
		TRY(opinion_note(rq, c, &s->opinion, text_of(rq, "opinion_note")));
	queue_event(rq, c, s);
	if (s->prepare)
		return tx_run(rq->tx);
	/* Who is erased is erased in the case as well, now that it is over. */
	if (strcmp(s->step->action, "erase") == 0)
		tx_queue(rq->tx, &forget, VALS(val_i64(c->key.id)), NULL);
	TRY(tx_run(rq->tx));
	if (!is_entered(s))
		TRY(correct_log(rq, c, s));
	if (strcmp(s->step->action, "assess") == 0)
		return case_ask_sources(rq, c, NULL);
	if (strcmp(s->step->action, "correct") == 0)
		return disclosure_recipients(rq, c, NULL);
	if (strcmp(s->step->action, "apply") != 0)
		return NULL;
	return suppression_opt_out(rq, c->contacts, c->ncontacts, c->particulars, c->capacity);
}

/* May it be taken, or its letter be prepared, by its state and what is there? */
static struct err *
check_step(struct request *rq, const struct privacy_case *c, const struct step *s)
{
	const char *lacks = case_lacks(rq, c, s->action);

	if (lacks == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.request_step");
	if (*lacks != '\0' && !(step_awaits_letter(lacks) && s->takes[0] != NULL))
		return err_new(rq->a, ERR_CONFLICT,
			arena_printf(rq->a, "error.lack.%s",
				arena_strndup(rq->a, lacks, strcspn(lacks, ","))));
	return NULL;
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	const struct step *s = step_of(rq);
	struct step_notice n;
	struct privacy_case c;

	TRY(case_load(rq, request_id(rq, 0), &c));
	if (s == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(check_step(rq, &c, s));
	TRY(step_notice(rq, &c, s, &n));
	case_log(rq, "view", &c);
	return step_page(rq, rp, &c, s, &n);
}

/* What was sent is good: the step is taken, or what its letter will say is kept. */
static struct err *
carry_out(struct request *rq, struct response *rp, struct privacy_case *c, const struct sent *s)
{
	int64_t id = c->id;

	TRY(store(rq, c, s));
	if (!s->prepare)
		TRY(case_tell_sole(rq, c));
	TRY(case_load(rq, id, c));
	case_log(rq, "update", c);
	response_flash(rp, s->prepare ? "flash.request_prepared" : "flash.request_moved");
	if (rq->api)
		case_model(rq, c, response_data(rp));
	else if (s->prepare)
		response_go(rp, rq, "%s",
			letter_new_url(rq, c,
				same_text(s->ground, UNDISCLOSED) ? "no_disclosure"
								  : s->notice.letter));
	else
		response_go(rp, rq, "/privacy/requests/%lld", (long long)id);
	return NULL;
}

static struct err *
act(struct request *rq, struct response *rp)
{
	struct sent s = {.step = step_of(rq), .prepare = request_bool(rq, "prepare", false)};
	struct err *e = NULL;
	struct privacy_case c;
	int64_t version;

	tx_queue(rq->tx, &lock, VALS(val_i64(request_id(rq, 0))), NULL);
	TRY(case_load(rq, request_id(rq, 0), &c));
	if (s.step == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(request_version(rq, &version));
	if (version != c.version)
		return err_new(rq->a, ERR_STALE, NULL);
	TRY(check_step(rq, &c, s.step));
	TRY(step_notice(rq, &c, s.step, &s.notice));
	if (s.prepare && !s.notice.waits)
		err_add_field(rq->a, &e, "prepare", "error.unknown_field", NULL);
	TRY(read_sent(rq, &c, &s, &e));
	TRY(check_second(rq, &c, &s, &e));
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return step_page(rq, rp, &c, s.step, &s.notice);
	}
	if (s.notice.waits && !s.prepare)
		return err_new(rq->a, ERR_CONFLICT, "error.lack.letter");
	return carry_out(rq, rp, &c, &s);
}

const struct route case_step_routes[] = {
	ROUTE(READ, GET, "/privacy/requests/{id}/approve", ON_PAGE, "", RIGHT_APPROVE_REQUESTS,
		"view", ask, NULL, NULL, "privacy/step", "request.ask_approve"),
	ROUTE(CHANGE, POST, "/privacy/requests/{id}/approve", ON_BOTH, "", RIGHT_APPROVE_REQUESTS,
		"update", act, step_params, NULL, "privacy/step", "request.approve"),
	ROUTE(READ, GET, "/privacy/requests/{id}/{token}", ON_PAGE, "", RIGHT_RUN_REQUESTS, "view",
		ask, NULL, NULL, "privacy/step", "request.ask"),
	ROUTE(CHANGE, POST, "/privacy/requests/{id}/{token}", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", act, step_params, NULL, "privacy/step", "request.step"),
	ROUTE_END,
};
