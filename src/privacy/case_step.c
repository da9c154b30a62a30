/* SPDX-License-Identifier: ISC */
/*
 * Steps of a case: one address for each, one page for what it asks. Whether a step
 * may be taken is the database's to say; here it is asked before, so that whoever
 * asks learns what is missing.
 */
#include "case_step.h"

#include <string.h>

#include "case_source.h"
#include "disclosure.h"
#include "letter.h"
#include "log_book.h"
#include "suppression.h"

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

/* Whoever put the answer together does not approve it, unless there is nobody else. */
static struct err *
check_second(
	struct request *rq, const struct privacy_case *c, const struct step_sent *s, struct err **e)
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
	if (rows_bool(r, 0, 1) && step_text(rq, "reason") == NULL)
		err_add_field(rq->a, e, "reason", "error.sole_reason", NULL);
	return NULL;
}

/* Has it an entry in the log book? */
static bool
is_entered(const struct step_sent *s)
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
enter_log(struct request *rq, const struct privacy_case *c, const struct step_sent *s)
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
		.prejudice = step_text(rq, "prejudice")};
	int64_t id;

	if (!s->prepare && n->data != NULL && n->entry != 0 && l.prejudice == NULL &&
		same_text(n->note, l.reasons) && same_text(n->entry_ground, s->ground) &&
		strcmp(n->entry_on, n->on) == 0 && n->entry_late == n->late)
		return NULL;
	return log_book_enter(rq, &l, &id);
}

/* The event: of the step, or that it is prepared. */
static void
queue_event(struct request *rq, const struct privacy_case *c, const struct step_sent *s)
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
correct_log(struct request *rq, const struct privacy_case *c, const struct step_sent *s)
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
store(struct request *rq, const struct privacy_case *c, const struct step_sent *s)
{
	if (is_entered(s))
		TRY(enter_log(rq, c, s));
	/* What was prepared with it is there already. */
	if (s->opinion.id != 0 &&
		(s->notice.note == NULL || strcmp(s->notice.note, s->note.p) != 0))
		TRY(opinion_note(rq, c, &s->opinion, step_text(rq, "opinion_note")));
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
carry_out(
	struct request *rq, struct response *rp, struct privacy_case *c, const struct step_sent *s)
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
	struct step_sent s = {.step = step_of(rq), .prepare = request_bool(rq, "prepare", false)};
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
	TRY(step_read(rq, &c, &s, &e));
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
