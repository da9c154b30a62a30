/* SPDX-License-Identifier: ISC */
/* What each step of a case asks, and the page that asks it. */
#include "case_step.h"

#include <string.h>

#include "case_opinion.h"
#include "controls.h"
#include "date.h"
#include "letter.h"

STMT(list_grounds, "case.grounds", 1,
	"select ground, must from request_ground where kind = $1 order by position");

/* The day of its notice, whether that is late, and what the log book says of the request. */
STMT(find_notice, "case.notice", 2,
	"select n.on_day::text, request_is_late(r, $2), b.entry_id, b.ground, b.notice_on::text, "
	"b.late, request_undisclosed(r, $2) from privacy_request r cross join lateral (select "
	"coalesce(request_notice_on(r, "
	"$2), hk_today()) as on_day) n left join lateral (select * from log_book l where "
	"l.request_id = r.request_id order by l.entry_id desc limit 1) b on true where "
	"r.request_id = $1::bigint");
STMT(find_prepared, "case.prepared", 2,
	"select e.ground, e.note, e.late_reason, (e.data - 'for')::text from request_event e "
	"where e.request_id = $1::bigint and e.action = 'prepare' and e.data->>'for' = $2 and "
	"request_prepared($1::bigint, $2) = 1 order by e.event_id desc limit 1");

/* Who else may take a step that is a second look ($3: approval), when whoever asks may not:
 * for want of the right ($4), or because the first look was theirs. */
STMT(find_seconds, "case.seconds", 4,
	"select u.name from privacy_request r join app_user u on u.active and u.user_id <> "
	"$2::bigint where r.request_id = $1::bigint and (not $4::boolean or case when $3::boolean "
	"then r.reviewed_by else request_first_look(r, $2::bigint) end = $2::bigint) and exists "
	"(select from profile_right p where p.profile_id = u.profile_id and p.entity = '' and "
	"p.\"right\" = 'approve_requests') order by lower(u.name), u.user_id limit 6");
STMT(has_copy, "case.has_copy", 1,
	"select copied_at is not null from privacy_request where request_id = $1::bigint");

#define NOTE_MAX 4000

static const struct step steps[] = {
	{"verify", {"!how", "authority"}},
	{"clarify", {"!reason"}},
	{"search", {NULL}},
	{"review", {NULL}},
	{"fee", {"fee_copying", "fee_postage", "fee_labour", "fee_media", "!fee_lowest"}},
	{"fee_paid", {NULL}},
	{"approve", {"reason"}},
	{"comply", {"reason", "late_reason"}},
	{"comply_partly", {"!ground", "!reason", "late_reason"}},
	{"not_held", {"reason", "prejudice", "late_reason"}},
	{"delay", {"!reason", "supplied"}},
	{"refuse", {"!ground", "!reason", "other_user_name", "other_user_address", "opinion",
			   "opinion_of", "opinion_note", "prejudice", "late_reason"}},
	{"withdraw", {"!reason", "late_reason"}},
	{"duplicate", {"!duplicate_of", "late_reason"}},
	{"not_a_request", {"!reason", "late_reason"}},
	{"correct", {"reason", "late_reason"}},
	{"correct_partly",
		{"!ground", "!reason", "opinion", "opinion_of", "opinion_note", "late_reason"}},
	{"notify_recipients", {NULL}},
	{"close", {"!copy_sent_on", "late_reason"}},
	{"assess", {NULL}},
	{"erase", {NULL}},
	{"decline", {"!reason"}},
	{"apply", {NULL}},
	{"correct_received_at", {"!received_at", "!reason", "!evidence"}},
};

const char *const step_hows[] = {
	"known", "id_seen", "document", "code", "call_back", "other", NULL};

const struct param step_params[] = {
	{"reason", P_LONG, IN_BODY, 0, NOTE_MAX, false},
	{"late_reason", P_LONG, IN_BODY, 0, NOTE_MAX, false},
	{"ground", P_TEXT, IN_BODY, 0, 20, false},
	{"how", P_TEXT, IN_BODY, 0, 20, false},
	{"authority", P_BOOL, IN_BODY, 0, 0, false},
	{"fee_copying", P_TEXT, IN_BODY, 0, 20, false},
	{"fee_postage", P_TEXT, IN_BODY, 0, 20, false},
	{"fee_labour", P_TEXT, IN_BODY, 0, 20, false},
	{"fee_media", P_TEXT, IN_BODY, 0, 20, false},
	{"fee_lowest", P_TEXT, IN_BODY, 0, 20, false},
	{"supplied", P_LONG, IN_BODY, 0, NOTE_MAX, false},
	{"other_user_name", P_TEXT, IN_BODY, 0, 200, false},
	{"other_user_address", P_LONG, IN_BODY, 0, 400, false},
	{"opinion", P_BOOL, IN_BODY, 0, 0, false},
	{"opinion_of", P_TEXT, IN_BODY, 0, 40, false},
	{"opinion_note", P_LONG, IN_BODY, 0, NOTE_MAX, false},
	{"prejudice", P_LONG, IN_BODY, 0, NOTE_MAX, false},
	{"duplicate_of", P_I64, IN_BODY, 1, 0, false},
	{"copy_sent_on", P_DATE, IN_BODY, 0, 0, false},
	{"received_at", P_TEXT, IN_BODY, 0, 40, false},
	{"evidence", P_LONG, IN_BODY, 0, NOTE_MAX, false},
	{"prepare", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct step *
step_find(const char *action)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].action, action) == 0)
			return &steps[i];
	return NULL;
}

/* 0: does not take it, 1: takes it, 2: cannot do without. */
int
step_takes(const struct step *s, const char *name)
{
	for (size_t i = 0; i < STEP_TAKES && s->takes[i] != NULL; i++)
		if (strcmp(s->takes[i] + (*s->takes[i] == '!'), name) == 0)
			return *s->takes[i] == '!' ? 2 : 1;
	return 0;
}

static bool
is_law(const struct privacy_case *c)
{
	return strcmp(c->kind, "access") == 0 || strcmp(c->kind, "correction") == 0;
}

bool
step_awaits_letter(const char *lacks)
{
	return lacks != NULL && strcmp(lacks, "letter") == 0;
}

struct err *
step_notice(struct request *rq, const struct privacy_case *c, const struct step *s,
	struct step_notice *n)
{
	struct step_letter l;
	struct rows *r, *p;

	*n = (struct step_notice){.waits = step_awaits_letter(case_lacks(rq, c, s->action))};
	TRY(letter_of_step(rq, c, s->action, &l));
	tx_queue(rq->tx, &find_prepared, VALS(val_i64(c->id), val_text(s->action)), &p);
	TRY(tx_query(rq->tx, &find_notice, VALS(val_i64(c->id), val_text(s->action)), &r));
	n->letter = l.letter;
	n->on = rows_text(r, 0, 0);
	n->late = is_law(c) && step_takes(s, "late_reason") != 0 && rows_bool(r, 0, 1);
	n->entry = rows_i64(r, 0, 2);
	n->entry_ground = rows_text(r, 0, 3);
	n->entry_on = rows_text(r, 0, 4);
	n->entry_late = rows_bool(r, 0, 5);
	n->undisclosed = rows_bool(r, 0, 6);
	if (rows_count(p) == 0 || !c->opens)
		return NULL;
	n->ground = rows_text(p, 0, 0);
	n->note = case_unseal(rq, c, "note", rows_bytes(rq->a, p, 0, 1));
	n->late_reason = case_unseal(rq, c, "note", rows_bytes(rq->a, p, 0, 2));
	n->data = model_own(rq->a, json_tokener_parse(rows_text(p, 0, 3)));
	return NULL;
}

static struct err *
ground_field(struct request *rq, const struct privacy_case *c, struct json_object *list)
{
	struct json_object *f = case_field(rq, list, "choice", "ground", "");
	struct rows *r;

	form_required(f);
	TRY(tx_query(rq->tx, &list_grounds, VALS(val_text(c->kind)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(f, rows_text(r, i, 0), case_ground_word(rq, rows_text(r, i, 0)));
	return NULL;
}

static void
original_field(struct request *rq, const struct privacy_case *c, struct json_object *list)
{
	struct json_object *f =
		case_field(rq, list, c->nearlier > 0 ? "choice" : "number", "duplicate_of", "");

	form_required(f);
	for (size_t i = 0; i < c->nearlier; i++) {
		const char *id = arena_printf(rq->a, "%lld", (long long)c->earlier[i]);

		form_option(f, id, id);
	}
}

static struct err *
step_field(struct request *rq, const struct privacy_case *c, const struct step_notice *n,
	const char *takes, struct json_object *list)
{
	const char *name = takes + (*takes == '!'), *type = "text";
	struct json_object *f;

	if (strcmp(name, "ground") == 0)
		return ground_field(rq, c, list);
	if (strcmp(name, "late_reason") == 0 && !n->late)
		return NULL;
	if (strncmp(name, "opinion", 7) == 0 && strcmp(c->kind, "correction") != 0)
		return NULL;
	if (strcmp(name, "opinion_of") == 0)
		return opinion_field(rq, c, list);
	if (strcmp(name, "duplicate_of") == 0) {
		original_field(rq, c, list);
		return NULL;
	}
	for (const struct param *p = step_params; p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			type = p->type == P_LONG   ? "long_text"
			       : p->type == P_BOOL ? "boolean"
			       : p->type == P_DATE ? "date"
						   : "text";
	if (strcmp(name, "received_at") == 0)
		type = "time";
	f = case_field(rq, list, strncmp(name, "fee_", 4) == 0 ? "money" : type, name, "");
	if (strcmp(name, "how") == 0) {
		model_text(f, "type", "choice");
		form_words(rq, f, step_hows, "requests.how");
	}
	if (*takes == '!' || strcmp(name, "late_reason") == 0)
		form_required(f);
	return NULL;
}

/* What was entered when the letter was prepared: read, not typed again. */
static void
prepared_facts(struct request *rq, const struct step_notice *n, struct json_object *page)
{
	struct json_object *list = model_list(page, "facts"), *o;

	if (n->ground != NULL) {
		o = model_item(list);
		model_text(o, "label", say(rq, "requests.ground_title"));
		model_text(o, "text", case_ground_word(rq, n->ground));
	}
	if (n->note != NULL) {
		o = model_item(list);
		model_text(o, "label", say(rq, "requests.reason_title"));
		model_text(o, "text", n->note);
	}
	o = model_item(list);
	model_text(o, "label", say(rq, "requests.notice_title"));
	model_text(o, "text", date_show(rq->a, n->on, lang_tag(request_lang(rq))));
}

/* Its fields; those of a letter to be come with a mark that the step is not taken yet. */
static struct err *
step_fields(struct request *rq, const struct privacy_case *c, const struct step *s,
	const struct step_notice *n, struct json_object *page)
{
	struct json_object *list = model_list(page, "fields"), *f;

	if (n->waits) {
		f = model_item(list);
		model_text(f, "type", "hidden");
		model_text(f, "name", "prepare");
		model_text(f, "value", "true");
		model_text(page, "submit", say(rq, "letters.next"));
	} else if (n->data != NULL) {
		prepared_facts(rq, n, page);
		return n->late && n->late_reason == NULL ? step_field(rq, c, n, "late_reason", list)
							 : NULL;
	}
	for (size_t i = 0; i < STEP_TAKES && s->takes[i] != NULL; i++)
		TRY(step_field(rq, c, n, s->takes[i], list));
	return NULL;
}

struct err *
step_page(struct request *rq, struct response *rp, const struct privacy_case *c,
	const struct step *s, const struct step_notice *n)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "crumbs"),
			   *o = model_item(list);
	struct step_letter letter;

	TRY(letter_of_step(rq, c, s->action, &letter));
	rp->template = "privacy/step";
	if (!letter.first || n->waits)
		model_text(page, "letter", letter.text);
	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	o = model_item(list);
	model_text(o, "label",
		view_text(rq->a, request_lang(rq), "requests.case_title", c->reference));
	model_text(o, "url", arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id));
	model_text(page, "title", say_word(rq, "requests.action", s->action));
	model_text(page, "law", say_word(rq, "requests.law", s->action));
	model_text(page, "action",
		arena_printf(rq->a, "/privacy/requests/%lld/%s", (long long)c->id, s->action));
	model_text(page, "cancel_url",
		arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id));
	model_i64(page, "version", c->version);
	model_bool(page, "late", n->late);
	return step_fields(rq, c, s, n, page);
}

/* Where a step is begun. A letter that says all there is to say is written at once. */
static struct err *
begin_url(struct request *rq, const struct privacy_case *c, const struct step *s, const char *lacks,
	struct json_object *o)
{
	struct step_letter letter;
	const char *url =
		arena_printf(rq->a, "/privacy/requests/%lld/%s", (long long)c->id, s->action);

	if (step_awaits_letter(lacks) && s->takes[0] == NULL) {
		TRY(letter_of_step(rq, c, s->action, &letter));
		url = letter_new_url(rq, c, letter.letter);
	}
	model_text(o, "url", url);
	model_bool(o, "direct", s->takes[0] == NULL && *lacks == '\0');
	return NULL;
}

static void
add_lacks(struct request *rq, const char *lacks, struct json_object *o)
{
	struct json_object *list = model_list(o, "lacks");

	for (const char *end; *lacks != '\0'; lacks = *end == ',' ? end + 1 : end) {
		end = lacks + strcspn(lacks, ",");
		model_push_text(list, say_word(rq, "requests.lack",
					      arena_strndup(rq->a, lacks, (size_t)(end - lacks))));
	}
}

/* The way from receipt to an answer: of what can be done, the first of these comes next. What
   only some requests need (a fee, a refusal, a duplicate) is none of them. */
static const char *const way[] = {"verify", "search", "assess", "review", "fee_paid", "approve",
	"comply", "correct", "erase", "apply", "notify_recipients", "close"};

static bool
is_on_the_way(const struct privacy_case *c, const char *action)
{
	/* Both can be done again. */
	if ((strcmp(action, "verify") == 0 && c->identity_at != 0) ||
		(strcmp(action, "approve") == 0 && c->approved_at != 0))
		return false;
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		if (strcmp(way[i], action) == 0)
			return true;
	return false;
}

/* Is this among what it lacks? */
static bool
names(const char *lacks, const char *what)
{
	size_t n = strlen(what);

	for (; *lacks != '\0'; lacks += strcspn(lacks, ","), lacks += *lacks == ',')
		if (strcspn(lacks, ",") == n && strncmp(lacks, what, n) == 0)
			return true;
	return false;
}

/* What is no step of its own but comes before the answer: the copy is put together, looked
 * through, and packed when it is approved. NULL: nothing of it now. */
static struct err *
copy_work(struct request *rq, const struct privacy_case *c, const char **label_r)
{
	const char *lacks = case_lacks(rq, c, "comply");
	struct rows *r;

	*label_r = NULL;
	if (lacks == NULL)
		return NULL;
	if (names(lacks, "unreviewed"))
		*label_r = "copy.look";
	else if (names(lacks, "answer") && c->approved_at != 0)
		*label_r = "copy.pack";
	else if (names(lacks, "answer")) {
		TRY(tx_query(rq->tx, &has_copy, VALS(val_i64(c->id)), &r));
		if (!rows_bool(r, 0, 0))
			*label_r = "copy.make";
	}
	return NULL;
}

static const char *
joined(const struct request *rq, const char *list, const char *more)
{
	return list == NULL ? more : arena_printf(rq->a, "%s, %s", list, more);
}

/* The names of those who have to take it instead; NULL: it is for whoever asks. */
static struct err *
seconds(struct request *rq, const struct privacy_case *c, const char *action, const char **names_r)
{
	bool approve = strcmp(action, "approve") == 0;
	struct rows *r;

	*names_r = NULL;
	if (!approve && strcmp(action, "not_a_request") != 0)
		return NULL;
	TRY(tx_query(rq->tx, &find_seconds,
		VALS(val_i64(c->id), val_i64(rq->principal->user_id), val_bool(approve),
			val_bool(
				principal_may(rq->principal, ENTITY_NONE, RIGHT_APPROVE_REQUESTS))),
		&r));
	for (size_t i = 0; i < rows_count(r); i++)
		*names_r = joined(rq, *names_r, rows_text(r, i, 0));
	return NULL;
}

static void
add_seconds(struct request *rq, const struct step *s, const char *who, struct json_object *lacking)
{
	struct json_object *o = model_item(lacking);

	model_text(o, "label", say_word(rq, "requests.action", s->action));
	model_push_text(model_list(o, "lacks"),
		view_text(rq->a, request_lang(rq), "requests.by_second", who));
}

/* Steps as buttons; those that ask nothing are taken at once. What waits for its letter alone
   can be begun: what it will say is entered, then the letter is written. */
struct err *
case_steps(struct request *rq, const struct privacy_case *c, struct json_object *page)
{
	struct json_object *ready = model_list(page, "steps"),
			   *lacking = model_list(page, "lacking"), *o;
	bool runs = principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS);
	bool approves = principal_may(rq->principal, ENTITY_NONE, RIGHT_APPROVE_REQUESTS);
	bool named = false; /* which comes next */
	const char *work, *who = NULL, *begun = NULL;

	TRY(copy_work(rq, c, &work));
	if (runs && work != NULL) {
		named = c->identity_at != 0;
		o = model_item(ready);
		model_text(o, "label", say(rq, work));
		model_text(o, "url",
			arena_printf(rq->a, "/privacy/requests/%lld/copy", (long long)c->id));
		model_bool(o, "next", named);
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *s = &steps[i];
		const char *lacks = case_lacks(rq, c, s->action);

		if (lacks == NULL || !(strcmp(s->action, "approve") == 0 ? approves : runs))
			continue;
		if (*lacks == '\0')
			TRY(seconds(rq, c, s->action, &who));
		if (*lacks == '\0' && who != NULL) {
			add_seconds(rq, s, who, lacking);
			continue;
		}
		if (*lacks == '\0' || step_awaits_letter(lacks)) {
			o = model_item(ready);
			model_text(o, "label", say_word(rq, "requests.action", s->action));
			model_bool(o, "next", !named && is_on_the_way(c, s->action));
			named |= is_on_the_way(c, s->action);
			TRY(begin_url(rq, c, s, lacks, o));
			if (*lacks != '\0')
				begun = joined(
					rq, begun, say_word(rq, "requests.action", s->action));
			continue;
		}
		o = model_item(lacking);
		model_text(o, "label", say_word(rq, "requests.action", s->action));
		add_lacks(rq, lacks, o);
	}
	if (begun != NULL)
		model_text(page, "letter_first",
			view_text(rq->a, request_lang(rq), "requests.letter_first", begun));
	return NULL;
}
