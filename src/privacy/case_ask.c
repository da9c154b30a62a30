/* SPDX-License-Identifier: ISC */
/* What each step of a case asks, and the page that asks it. */
#include "case_step.h"

#include <string.h>

#include "controls.h"
#include "case_opinion.h"
#include "letter.h"

STMT(list_grounds, "case.grounds", 1,
	"select ground, must from request_ground where kind = $1 order by position");

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
	{"not_held", {"reason", "late_reason"}},
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
step_is_late(const struct privacy_case *c, const struct step *s)
{
	if (!is_law(c) || step_takes(s, "late_reason") == 0)
		return false;
	return strcmp(s->action, "refuse") == 0 ? c->past : c->late_now;
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
step_field(struct request *rq, const struct privacy_case *c, const struct step *s,
	const char *takes, struct json_object *list)
{
	const char *name = takes + (*takes == '!'), *type = "text";
	struct json_object *f;

	if (strcmp(name, "ground") == 0)
		return ground_field(rq, c, list);
	if (strcmp(name, "late_reason") == 0 && !step_is_late(c, s))
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

struct err *
step_page(
	struct request *rq, struct response *rp, const struct privacy_case *c, const struct step *s)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "crumbs"),
			   *o = model_item(list);
	const char *letter;

	TRY(letter_of_step(rq, c, s->action, &letter));
	rp->template = "privacy/step";
	model_text(page, "letter", letter);
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
	model_bool(page, "late", step_is_late(c, s));
	list = model_list(page, "fields");
	for (size_t i = 0; i < STEP_TAKES && s->takes[i] != NULL; i++)
		TRY(step_field(rq, c, s, s->takes[i], list));
	return NULL;
}

/* Steps as buttons; those that ask nothing are taken at once. */
void
case_steps(struct request *rq, const struct privacy_case *c, struct json_object *page)
{
	struct json_object *ready = model_list(page, "steps"),
			   *lacking = model_list(page, "lacking");
	bool runs = principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS);
	bool approves = principal_may(rq->principal, ENTITY_NONE, RIGHT_APPROVE_REQUESTS);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *s = &steps[i];
		const char *lacks = case_lacks(rq, c, s->action);
		struct json_object *o;

		if (lacks == NULL || !(strcmp(s->action, "approve") == 0 ? approves : runs))
			continue;
		o = model_item(*lacks == '\0' ? ready : lacking);
		model_text(o, "label", say_word(rq, "requests.action", s->action));
		if (*lacks == '\0') {
			model_text(o, "url",
				arena_printf(rq->a, "/privacy/requests/%lld/%s", (long long)c->id,
					s->action));
			model_bool(o, "direct", s->takes[0] == NULL);
			continue;
		}
		o = model_list(o, "lacks");
		for (const char *end; *lacks != '\0'; lacks = *end == ',' ? end + 1 : end) {
			end = lacks + strcspn(lacks, ",");
			model_push_text(
				o, say_word(rq, "requests.lack",
					   arena_strndup(rq->a, lacks, (size_t)(end - lacks))));
		}
	}
}
