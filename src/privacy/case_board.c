/* SPDX-License-Identifier: ISC */
/* The board: what is open, by its target date. */
#include "case_view.h"

#include <string.h>

#include "controls.h"
#include "cursor.h"
#include "event.h"
#include "num.h"
#include "sqlb.h"

#define PAGE_CASES 25
#define CARDS_MAX 200
#define WEEKS 8

STMT(chart, "case.chart", 0,
	"select case when due_rolled_on < hk_today() then -1 else least((due_rolled_on - "
	"hk_today()) / 7, 6) end::bigint, count(*) from (select due_rolled_on from privacy_request "
	"where closed_at is null order by due_on, request_id limit 1000) x group by 1");

static struct err *
bad(struct request *rq, const char *name, const char *key)
{
	struct err *e = NULL;

	err_add_field(rq->a, &e, name, key, NULL);
	e->kind = ERR_BAD_REQUEST;
	return e;
}

/* ---- the list */

static const char *const states[] = {"received", "clarifying", "searching", "review", "fee_pending",
	"verifying", "assessing", "corrected", "notifying_3p", "delay_noticed", "complied",
	"partly_complied", "not_held", "refused", "partly_corrected", "closed", "erased",
	"partly_erased", "declined", "applied", "withdrawn", "duplicate", "not_a_request", NULL};

static bool
is_word(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static struct err *
add_cursor(struct request *rq, struct sqlb *b)
{
	const char *day;
	int64_t id;

	TRY(cursor_pair(rq, "request.list", &day, &id));
	if (day == NULL)
		return NULL;
	sqlb_add(b, " and (r.due_on, r.request_id) > (%s, %s)", sqlb_val(b, val_text(day), "date"),
		sqlb_val(b, val_i64(id), "bigint"));
	return NULL;
}

static struct err *
add_assignee(struct request *rq, struct sqlb *b)
{
	const char *who = request_text(rq, "assignee");
	int64_t id;

	if (who == NULL)
		return NULL;
	if (strcmp(who, "none") == 0) {
		sqlb_add(b, " and r.assignee_id is null");
		return NULL;
	}
	if (strcmp(who, "me") == 0)
		id = rq->principal->user_id;
	else if (!num_parse_i64(who, 1, INT64_MAX, &id))
		return bad(rq, "assignee", "error.choice");
	sqlb_add(b, " and r.assignee_id = %s", sqlb_val(b, val_i64(id), "bigint"));
	return NULL;
}

static struct err *
compose(struct request *rq, struct sqlb *b, bool open, int64_t limit)
{
	const char *kind = request_text(rq, "kind"), *state = request_text(rq, "state");

	sqlb_init(b, rq->a);
	sqlb_add(b, "select ");
	sqlb_add(b, "%s", case_columns);
	sqlb_add(b, " from privacy_request r where true");
	if (open)
		sqlb_add(b, " and r.closed_at is null");
	else if (request_has(rq, "open"))
		sqlb_add(b, " and r.closed_at is not null");
	if (kind != NULL && !is_word(kind, case_kinds))
		return bad(rq, "kind", "error.choice");
	if (kind != NULL)
		sqlb_add(b, " and r.kind = %s", sqlb_val(b, val_text(kind), "text"));
	if (state != NULL && !is_word(state, states))
		return bad(rq, "state", "error.choice");
	if (state != NULL)
		sqlb_add(b, " and r.state = %s", sqlb_val(b, val_text(state), "text"));
	TRY(add_assignee(rq, b));
	TRY(add_cursor(rq, b));
	sqlb_add(b, " order by r.due_on, r.request_id limit %lld", (long long)limit + 1);
	return NULL;
}

static void
log_list(struct request *rq, const struct privacy_case *cases, size_t n)
{
	struct audit_event ev = {.action = "list", .entity = "request"};
	int64_t *ids = ARENA_ARRAY(rq->a, n + 1, int64_t), *people;
	size_t all = 0, k = 0;

	for (size_t i = 0; i < n; i++)
		all += cases[i].ncontacts;
	people = ARENA_ARRAY(rq->a, all + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		ids[i] = cases[i].id;
		for (size_t c = 0; c < cases[i].ncontacts; c++)
			people[k++] = cases[i].contacts[c];
	}
	ev.records = ids;
	ev.nrecords = n;
	ev.subjects = people;
	ev.nsubjects = k;
	audit_queue(rq->tx, rq->a, &ev);
}

static struct err *
read_list(struct request *rq, bool open, int64_t limit, struct privacy_case **cases_r, size_t *n_r,
	const char **next_r)
{
	struct rows *r;
	struct sqlb b;

	TRY(compose(rq, &b, open, limit));
	sqlb_queue(&b, rq->tx, "case.list", &r);
	TRY(tx_run(rq->tx));
	*n_r = rows_count(r) > (size_t)limit ? (size_t)limit : rows_count(r);
	*cases_r = ARENA_ARRAY(rq->a, *n_r + 1, struct privacy_case);
	for (size_t i = 0; i < *n_r; i++)
		TRY(case_of_row(rq, r, i, &(*cases_r)[i]));
	*next_r = NULL;
	if (rows_count(r) > (size_t)limit) {
		const struct privacy_case *last = &(*cases_r)[*n_r - 1];

		*next_r = cursor_of_pair(rq, "request.list", last->due_on, last->id);
	}
	log_list(rq, *cases_r, *n_r);
	return NULL;
}

static struct err *
list_cases(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");
	struct privacy_case *cases;
	const char *next;
	size_t n;

	TRY(read_list(rq, request_bool(rq, "open", false), request_i64(rq, "limit", PAGE_CASES),
		&cases, &n, &next));
	for (size_t i = 0; i < n; i++)
		case_model(rq, &cases[i], model_item(items));
	model_text(response_data(rp), "next", next);
	return NULL;
}

/* ---- the board */

/* The address of the board with one of its filters changed; value NULL: without it. */
static const char *
board_url(const struct request *rq, const char *name, const char *value)
{
	static const char *const names[] = {
		"view", "kind", "state", "assignee", "open", "after", NULL};
	struct sb sb;
	char sep = '?';

	sb_init(&sb, rq->a, 4096);
	sb_puts(&sb, "/privacy");
	for (const char *const *n = names; *n != NULL; n++) {
		const char *v = strcmp(*n, name) == 0 ? value : request_text(rq, *n);

		/* Another filter is another list. */
		if (v == NULL || (strcmp(*n, "after") == 0 && strcmp(name, "after") != 0))
			continue;
		if (strcmp(*n, "open") == 0 && strcmp(name, "open") != 0)
			v = request_bool(rq, "open", true) ? "1" : "0";
		sb_printf(&sb, "%c%s=%s", sep, *n, v);
		sep = '&';
	}
	return sb.p;
}

static void
tab(const struct request *rq, struct json_object *list, const char *label, const char *url,
	bool active)
{
	struct json_object *o = model_item(list);

	(void)rq;
	model_text(o, "label", label);
	model_text(o, "url", url);
	model_bool(o, "active", active);
}

static void
add_filters(struct request *rq, struct json_object *page)
{
	const char *kind = request_text(rq, "kind"), *who = request_text(rq, "assignee");
	bool open = request_bool(rq, "open", true);
	struct json_object *list = model_list(page, "views");
	bool cards = request_text(rq, "view") != NULL;

	tab(rq, list, say(rq, "requests.view.open"), board_url(rq, "open", NULL), open);
	tab(rq, list, say(rq, "requests.view.closed"), board_url(rq, "open", "0"), !open);
	list = model_list(page, "kinds");
	tab(rq, list, say(rq, "requests.all"), board_url(rq, "kind", NULL), kind == NULL);
	for (const char *const *k = case_kinds; *k != NULL; k++)
		tab(rq, list, say_word(rq, "requests.kind", *k), board_url(rq, "kind", *k),
			kind != NULL && strcmp(kind, *k) == 0);
	list = model_list(page, "who");
	tab(rq, list, say(rq, "requests.all"), board_url(rq, "assignee", NULL), who == NULL);
	tab(rq, list, say(rq, "requests.mine"), board_url(rq, "assignee", "me"),
		who != NULL && strcmp(who, "me") == 0);
	tab(rq, list, say(rq, "requests.unassigned"), board_url(rq, "assignee", "none"),
		who != NULL && strcmp(who, "none") == 0);
	list = model_list(page, "shapes");
	tab(rq, list, say(rq, "requests.view.table"), board_url(rq, "view", NULL), !cards);
	tab(rq, list, say(rq, "requests.view.cards"), board_url(rq, "view", "cards"), cards);
}

/* How many are open, by the week in which their legal last day lies. */
static struct err *
add_chart(struct request *rq, struct json_object *page)
{
	static const int width = 640, foot = 110, step = 80, bar = 44;
	struct json_object *o = model_child(page, "chart"), *list = model_list(o, "bars");
	int64_t n[WEEKS] = {0}, most = 1, total = 0;
	struct rows *r;

	TRY(tx_query(rq->tx, &chart, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		int64_t at = rows_i64(r, i, 0) + 1;

		n[at] = rows_i64(r, i, 1);
		total += n[at];
		most = n[at] > most ? n[at] : most;
	}
	model_i64(o, "width", width);
	model_i64(o, "height", foot + 30);
	model_i64(o, "foot", foot);
	model_i64(o, "bar", bar);
	model_i64(o, "label_y", foot + 20);
	model_i64(o, "total", total);
	for (int i = 0; i < WEEKS; i++) {
		struct json_object *b = model_item(list);
		int64_t height = n[i] * 80 / most, x = i * step + (step - bar) / 2;

		model_i64(b, "x", x);
		model_i64(b, "middle", x + bar / 2);
		model_i64(b, "y", foot - height);
		model_i64(b, "text_y", foot - height - 6);
		model_i64(b, "height", height);
		model_i64(b, "n", n[i]);
		model_bool(b, "late", i == 0);
		model_text(b, "label", say(rq, arena_printf(rq->a, "requests.week.%d", i)));
	}
	return NULL;
}

/* By state, in the order of the words. */
static void
add_cards(struct request *rq, const struct privacy_case *cases, size_t n, struct json_object *page)
{
	struct json_object *columns = model_list(page, "columns");

	for (const char *const *s = states; *s != NULL; s++) {
		struct json_object *column = NULL, *list = NULL;

		for (size_t i = 0; i < n; i++) {
			if (strcmp(cases[i].state, *s) != 0)
				continue;
			if (column == NULL) {
				column = model_item(columns);
				model_text(column, "label", say_word(rq, "requests.state", *s));
				list = model_list(column, "cases");
			}
			case_words(rq, &cases[i], model_item(list));
			model_text(
				json_object_array_get_idx(list, json_object_array_length(list) - 1),
				"reference", cases[i].reference);
		}
	}
}

static struct err *
board(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *items, *o;
	bool cards = request_text(rq, "view") != NULL;
	bool runs = principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS);
	struct privacy_case *cases;
	const char *next;
	size_t n;

	rp->template = "privacy/board";
	if (cards && strcmp(request_text(rq, "view"), "cards") != 0)
		return bad(rq, "view", "error.choice");
	TRY(read_list(rq, request_bool(rq, "open", true), cards ? CARDS_MAX : PAGE_CASES, &cases,
		&n, &next));
	model_text(page, "title", say(rq, "requests.title"));
	model_text(page, "subtitle", say(rq, runs ? "requests.lead" : "requests.lead_own"));
	o = model_item(model_list(page, "actions"));
	model_text(o, "key", "new");
	model_text(o, "label", say(rq, "requests.new"));
	model_text(o, "url", "/privacy/requests/new");
	if (runs) {
		o = model_item(json_object_object_get(page, "actions"));
		model_text(o, "key", "history");
		model_text(o, "label", say(rq, "logbook.title"));
		model_text(o, "url", "/privacy/logbook");
		o = model_item(json_object_object_get(page, "actions"));
		model_text(o, "key", "warning");
		model_text(o, "label", say(rq, "incidents.title"));
		model_text(o, "url", "/privacy/incidents");
		o = model_item(json_object_object_get(page, "actions"));
		model_text(o, "key", "archive");
		model_text(o, "label", say(rq, "takedown.title"));
		model_text(o, "url", "/privacy/takedowns");
		o = model_item(json_object_object_get(page, "actions"));
		model_text(o, "key", "lock");
		model_text(o, "label", say(rq, "suppression.title"));
		model_text(o, "url", "/privacy/suppression");
		o = model_item(json_object_object_get(page, "actions"));
		model_text(o, "key", "inbox");
		model_text(o, "label", say(rq, "tray.title"));
		model_text(o, "url", "/privacy/tray");
	}
	add_filters(rq, page);
	items = model_list(response_data(rp), "items");
	if (cards)
		add_cards(rq, cases, n, page);
	for (size_t i = 0; i < n && !cards; i++) {
		o = model_item(items);
		case_model(rq, &cases[i], o);
		case_words(rq, &cases[i], o);
	}
	model_bool(page, "empty", n == 0);
	model_bool(page, "bulk", runs && !cards && n > 0 && request_bool(rq, "open", true));
	if (next != NULL)
		model_text(model_child(page, "pager"), "next_url", board_url(rq, "after", next));
	if (request_text(rq, "after") != NULL) {
		o = json_object_object_get(page, "pager");
		model_text(o != NULL ? o : model_child(page, "pager"), "first_url",
			board_url(rq, "after", NULL));
	}
	TRY(add_chart(rq, page));
	o = form_field(rq, model_list(page, "assign"), "choice", "assignee_id",
		say(rq, "requests.assignee_title"), "");
	return runs ? case_runners(rq, o) : NULL;
}

#define FILTERS \
	{"kind", P_TEXT, IN_QUERY, 0, 20, false}, {"state", P_TEXT, IN_QUERY, 0, 30, false}, \
		{"assignee", P_TEXT, IN_QUERY, 0, 20, false}, \
		{"open", P_BOOL, IN_QUERY, 0, 0, false}, \
	{ \
		"after", P_TEXT, IN_QUERY, 0, 200, false \
	}
static const struct param list_query[] = {
	FILTERS,
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	PARAM_END,
};
static const struct param board_query[] = {
	FILTERS,
	{"view", P_TEXT, IN_QUERY, 0, 20, false},
	PARAM_END,
};
/* Everybody sees what they recorded, and what they see to; policies say so. */
const struct route case_board_routes[] = {
	ROUTE(READ, GET, "/privacy", ON_PAGE, "", RIGHT_SELF, "list", board, board_query, NULL,
		"privacy/board", "request.board"),
	ROUTE(READ, GET, "/privacy/requests", ON_API, "", RIGHT_SELF, "list", list_cases,
		list_query, NULL, "", "request.list"),
	ROUTE_END,
};
