/* SPDX-License-Identifier: ISC */
#include "refuse.h"

#include <string.h>

#include "chrome.h"
#include "event.h"
#include "token.h"
#include "tx.h"

#define STATE_EPOCH "PR001"
#define EVENT_TRIES 5

STMT(epochs_now, "refuse.epochs", 0, "select access, catalogue from epoch");

static bool
is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* One's own things: their way in, their tokens, what they have fetched. Of them only what
 * is not about the person but about the workspace. */
static bool
is_own(const struct route *r)
{
	static const char *const shared[] = {"dashboard.read", "settings.index", "session.me",
		"field.list", "field.read", "view_as.stop", "session.sign_out", "session.delete",
		NULL};

	return (r->right == RIGHT_SELF || r->right == RIGHT_ENTRY) && !is_one_of(r->name, shared);
}

/* A search is sent as a form, and kept for its own reader. */
static bool
is_search(const struct route *r)
{
	size_t n = strlen(r->path);

	return strcmp(r->action, "search") == 0 && n > 7 && strcmp(r->path + n - 7, "/search") == 0;
}

static bool
is_for_looking(const struct route *r)
{
	static const char *const actions[] = {"", "view", "list", "search", NULL};

	if (strcmp(r->action, "sign_out") == 0)
		return !is_own(r);
	if (r->method != METHOD_GET)
		return is_search(r);
	return r->kind == ROUTE_READ && is_one_of(r->action, actions) && !is_own(r);
}

/* The log is whose it is: all of it for an auditor, else what one did. */
static bool
is_log(const struct route *r)
{
	return strcmp(r->name, "audit.list") == 0 || strcmp(r->name, "audit.one") == 0;
}

/* What a grant allows beyond looking: with the records themselves, and nothing else. */
static bool
is_granted(const struct principal *p, const struct route *r)
{
	static const char *const writes[] = {"create", "update", NULL};
	bool records;

	/* No user: the choice lives in a cookie. And out of one grant into another. */
	if (strcmp(r->name, "session.language") == 0 || strcmp(r->name, "support.enter") == 0)
		return true;
	records = r->right >= RIGHT_VIEW && r->right <= RIGHT_EDIT;

	if (!records || principal_masks(p))
		return false;
	if (strcmp(r->action, "reveal") == 0)
		return true;
	if (r->kind == ROUTE_STREAM)
		return r->right == RIGHT_VIEW;
	return strcmp(p->grant_scope, "read_write") == 0 && is_one_of(r->action, writes);
}

const char *
refuse_guest(const struct request *rq)
{
	const struct principal *p = rq->principal;

	if (p == NULL || (p->viewer_id == 0 && p->grant_id == 0) || is_for_looking(rq->route))
		return NULL;
	if (p->viewer_id != 0)
		return is_log(rq->route) ? NULL : "error.view_as";
	return is_granted(p, rq->route) ? NULL : "error.support_scope";
}

/* Somebody's rights moved since the request came in (*moved_r): who it was has not changed. */
static struct err *
try_event(const struct request *rq, const struct principal *who, struct conn *c,
	struct audit_event *e, bool *moved_r)
{
	struct err *failed;
	struct tx *tx;

	*moved_r = false;
	TRY(gate_tx_as(rq, who, c, &tx));
	audit_queue(tx, rq->a, e);
	failed = tx_commit(tx);
	*moved_r = failed != NULL && strcmp(tx_error_state(tx), STATE_EPOCH) == 0;
	tx_end(&tx);
	return failed;
}

static struct err *
write_event(struct request *rq, struct conn *c, struct audit_event e)
{
	struct principal who;
	struct err *failed;
	bool moved;

	e.action = *rq->route->action != '\0' ? rq->route->action : "view";
	e.entity = strcmp(rq->route->entity, ANY_RECORDS) == 0 ? "" : rq->route->entity;
	failed = try_event(rq, rq->principal, c, &e, &moved);
	for (int i = 0; i < EVENT_TRIES && failed != NULL && moved && rq->principal != NULL; i++) {
		struct rows *now;

		TRY(conn_query(c, rq->a, &epochs_now, NO_VALS, &now));
		who = *rq->principal;
		who.access_epoch = rows_i64(now, 0, 0);
		who.catalogue_epoch = rows_i64(now, 0, 1);
		failed = try_event(rq, &who, c, &e, &moved);
	}
	return failed;
}

struct err *
refuse_log(struct request *rq, struct conn *c, int64_t record)
{
	struct audit_event e = {.outcome = "denied", .reason = right_name(rq->route->right)};

	if (record != 0) {
		e.records = arena_memdup(rq->a, &record, sizeof(record));
		e.nrecords = 1;
		e.subjects = e.records;
		e.nsubjects = strcmp(rq->route->entity, "contact") == 0;
	}
	return write_event(rq, c, e);
}

static bool
names_unknown(const struct err *e)
{
	for (const struct err_field *f = e->fields; f != NULL; f = f->next)
		if (strcmp(f->key, "error.unknown_field") == 0 || strcmp(f->key, "error.sort") == 0)
			return true;
	return false;
}

const char *
refuse_reason(const struct request *rq, const struct err *e)
{
	if (rq->principal == NULL || rq->route->right <= RIGHT_ENTRY)
		return NULL;
	if (e->kind == ERR_STALE)
		return "stale";
	if (e->kind == ERR_NOT_FOUND && strchr(rq->route->path, '{') != NULL)
		return "not_there";
	return names_unknown(e) ? "unknown_field" : NULL;
}

struct err *
refuse_note(struct request *rq, struct conn *c, const struct err *e)
{
	struct audit_event ev = {.outcome = e->kind == ERR_STALE ? "failed" : "denied"};

	ev.reason = refuse_reason(rq, e);
	return write_event(rq, c, ev);
}

/* "/companies/{id}...": is the number of the path a record of the row's entity? */
int64_t
refuse_record(const struct request *rq)
{
	const struct route *r = rq->route;
	size_t n = strlen(r->entity);

	return n > 1 && strncmp(r->path + 1, r->entity, n - 1) == 0 &&
			       strstr(r->path, "/{id}") != NULL
		       ? request_id(rq, 0)
		       : 0;
}

static struct err *
check_origin(const struct request *rq)
{
	const char *origin = request_header(rq, "Origin");

	if (origin != NULL && strcmp(origin, rq->tenant->origin) != 0)
		return err_new(rq->a, ERR_DENIED, "error.csrf");
	return NULL;
}

/* Every write: same origin, and a token that only our pages know. A bearer
 * token is not sent by browsers on their own, so it needs neither. */
struct err *
refuse_forged(const struct request *rq, bool cookie)
{
	const char *sent, *want;
	struct json_object *v;

	if (rq->method == METHOD_GET)
		return NULL;
	if (rq->principal != NULL && !cookie)
		return NULL;
	TRY(check_origin(rq));
	if (rq->api && rq->route->right == RIGHT_PUBLIC)
		return NULL; /* JSON cannot be posted across origins without a preflight */
	want = chrome_csrf(rq);
	sent = request_header(rq, "X-CSRF-Token");
	if (sent == NULL && json_object_object_get_ex(rq->body, "_csrf", &v))
		sent = json_object_get_string(v);
	if (sent == NULL || strlen(sent) != strlen(want) ||
		!equal_const_time(sent, want, strlen(want)))
		return err_new(rq->a, ERR_DENIED, "error.csrf");
	return NULL;
}
