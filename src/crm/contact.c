/* SPDX-License-Identifier: ISC */
#include "contact.h"

#include <string.h>

#include "date.h"
#include "event.h"
#include "guard.h"
#include "hold.h"
#include "kept.h"
#include "share.h"
#include "ledger.h"

STMT(grant_reveal, "reveal.grant", 3,
	"insert into reveal (session_id, contact_id, fields, until) "
	"values ($1::bigint, $2::bigint, $3::text[], now() + interval '10 minutes')");
STMT(stopped_at, "contact.marketing", 1,
	"select (extract(epoch from marketing_stopped_at) * 1000000)::bigint from contact "
	"where contact_id = $1::bigint");
STMT(disputed, "contact.disputed", 1, "select disputed_fields($1::bigint, false)");
STMT(verify_count, "verify.count", 2,
	"select count(*) from audit_event where actor_id = $1::bigint and at > now() - interval '1 "
	"hour' "
	"and action = 'search' and reason = $2");

#define VERIFY_PER_HOUR 60

static const char *const reveal_reasons[] = {
	"customer_request", "verify_identity", "contract", "payment", "legal", "correction", NULL};

/* What the page shows beside the fields. */
struct beside {
	struct rows *holds;
	struct rows *disputed; /* one row: fields that are disputed */
	struct rows *stopped;  /* since when no marketing is sent */
	struct rows *timeline; /* of its page, not of its form */
	struct err *no_page;   /* there is none that begins there */
	struct rows *kept;
	struct rows *shares;
};

static void
queue_beside(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r)
{
	struct beside *b;

	*state_r = b = ARENA_NEW(cx->a, struct beside);
	tx_queue(cx->tx, &stopped_at, VALS(val_i64(id)), &b->stopped);
	hold_queue(cx, id, &b->holds);
	tx_queue(cx->tx, &disputed, VALS(val_i64(id)), &b->disputed);
	if (rq->api)
		return;
	if (rq->route->handler == pages_read)
		b->no_page = timeline_queue(rq, cx, id, &b->timeline);
	kept_queue(cx, id, &b->kept);
	share_queue(cx, ENTITY_CONTACT, id, &b->shares);
}

static void
add_reveal_form(const struct record_ctx *cx, const char *url, struct json_object *page)
{
	struct json_object *reveal = model_child(page, "reveal");
	struct json_object *reasons = model_list(reveal, "reasons");

	model_text(reveal, "url", arena_printf(cx->a, "%s/reveal", url));
	for (const char *const *r = reveal_reasons; *r != NULL; r++) {
		struct json_object *o = model_item(reasons);

		model_text(o, "value", *r);
		model_text(o, "label",
			view_text(cx->a, cx->lang, arena_printf(cx->a, "reason.%s", *r), NULL));
	}
	if (cx->principal->grant_id == 0)
		model_text(
			model_child(page, "verify"), "url", arena_printf(cx->a, "%s/verify", url));
}

/* Forms above the timeline: what is logged most often is one step away. */
static void
add_compose(const struct record_ctx *cx, const struct record *rec, const char *url,
	struct json_object *page)
{
	static const struct {
		const char *key;
		enum entity entity;
		const char *path;
	} forms[] = {{"activity", ENTITY_ACTIVITY, "activities"},
		{"message", ENTITY_MESSAGE, "messages"}, {"file", ENTITY_ATTACHMENT, "attachments"},
		{"invoice", ENTITY_INVOICE, "invoices"}};
	struct json_object *list = model_list(page, "compose");

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct json_object *o;

		if (!record_may_add(cx, rec, forms[i].entity))
			continue;
		o = model_item(list);
		model_text(o, "key", forms[i].key);
		model_text(o, "label",
			view_text(cx->a, cx->lang, arena_printf(cx->a, "compose.%s", forms[i].key),
				NULL));
		model_text(o, "url", arena_printf(cx->a, "%s/%s/new", url, forms[i].path));
	}
}

static void
add_flags(const struct record_ctx *cx, const struct record *rec, struct json_object *page)
{
	for (size_t i = 0; i < rec->layout->n; i++) {
		const char *name = rec->layout->fields[i]->name;
		bool yes = !rec->values[i].null && !rec->masked[i] && rec->values[i].text != NULL &&
			   strcmp(rec->values[i].text, "true") == 0;

		if (yes && strcmp(name, "vip") == 0)
			model_badge(page, cx, "vip", "badge.vip");
		else if (yes && strcmp(name, "disputed") == 0)
			model_notice(page, cx, "warning", "notice.disputed", NULL);
		else if (field_is_note(rec->layout->fields[i]) && !rec->values[i].null)
			model_notice(
				page, cx, "warning", "notice.opinion_note_of", rec->values[i].text);
	}
}

static void
add_holds(const struct record_ctx *cx, struct json_object *holds, struct json_object *page)
{
	for (size_t i = 0; i < json_object_array_length(holds); i++)
		model_notice(page, cx, "info", "notice.hold",
			hold_words(cx, json_object_array_get_idx(holds, i)));
}

/* What is not to be used until its correction is decided on. */
static void
add_disputed(const struct record_ctx *cx, const struct rows *r, struct json_object *list,
	struct json_object *page)
{
	size_t n;
	const char **names = rows_texts(cx->a, r, 0, 0, &n);
	enum field_level level;

	for (size_t i = 0; i < n; i++) {
		const struct field *f =
			catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, names[i], &level);

		if (f == NULL)
			continue;
		model_push_text(list, f->name);
		if (page != NULL)
			model_notice(page, cx, "warning", "notice.disputed_field",
				field_label(f, cx->lang));
	}
}

/* An erasure that was cut off is carried out by the worker: until then the
 * record is not what it seems. */
static void
add_order(struct request *rq, const struct record *rec, struct json_object *o,
	struct json_object *page)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t at = 0;

	if (rq->route->handler != pages_read)
		return;
	if (rec->erased_at == 0)
		at = ledger_ordered_at(gate_tenancy(), rq->a, rq->tenant, rec->id);
	model_bool(o, "erasing", at != 0);
	if (at != 0 && !rq->api)
		model_notice(page, &cx, "warning", "notice.erasing",
			time_show(rq->a, at, lang_tag(cx.lang)));
}

static void
add_stopped(const struct record_ctx *cx, const struct rows *r, struct json_object *o)
{
	bool yes = rows_count(r) > 0 && !rows_null(r, 0, 0);

	model_text(o, "marketing_stopped_at", yes ? time_rfc3339(cx->a, rows_i64(r, 0, 0)) : NULL);
}

static struct err *
model_contact(struct request *rq, const struct record_ctx *cx, const struct record *rec,
	void *state, struct json_object *o, struct json_object *page)
{
	const char *url = arena_printf(cx->a, "/contacts/%lld", (long long)rec->id);
	const struct beside *b = state;

	add_order(rq, rec, o, page);
	add_stopped(cx, b->stopped, o);
	hold_model(cx, b->holds, model_list(o, "holds"));
	add_disputed(cx, b->disputed, model_list(o, "disputed_fields"), page);
	if (rq->api)
		return NULL;
	if (b->no_page != NULL)
		return b->no_page;
	if (rec->erased_at == 0 && rows_count(b->stopped) > 0 && !rows_null(b->stopped, 0, 0))
		model_notice(page, cx, "info", "notice.marketing_stopped",
			time_show(cx->a, rows_i64(b->stopped, 0, 0), lang_tag(cx->lang)));
	if (b->timeline != NULL)
		timeline_model(rq, cx, rec->id, b->timeline, page);
	if (rec->erased_at == 0) {
		share_model(cx, rec, b->shares, page);
		kept_model(cx, rec, b->kept, page);
	}
	add_flags(cx, rec, page);
	add_holds(cx, json_object_object_get(o, "holds"), page);
	if (principal_may(cx->principal, ENTITY_NONE, RIGHT_VIEW_AUDIT))
		model_action(page, cx, "history", arena_printf(cx->a, "%s/audit", url), false);
	if (rec->erased_at != 0)
		return NULL;
	add_reveal_form(cx, url, page);
	add_compose(cx, rec, url, page);
	model_action(page, cx, "privacy",
		arena_printf(cx->a, "/privacy/requests/new?contact=%lld", (long long)rec->id),
		false);
	if (principal_may(cx->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		model_action(
			page, cx, "disclosures", arena_printf(cx->a, "%s/disclosures", url), false);
	if (principal_may(cx->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		model_action(page, cx, "export", arena_printf(cx->a, "%s/export", url), false);
	if (principal_may(cx->principal, ENTITY_NONE, RIGHT_ERASE))
		model_action(page, cx, "erase", arena_printf(cx->a, "%s/erase", url), false);
	return NULL;
}

const struct entity_hooks contact_hooks = {
	.queue = queue_beside,
	.model = model_contact,
};

static bool
known_reason(const char *reason)
{
	for (const char *const *r = reveal_reasons; *r != NULL; r++)
		if (strcmp(*r, reason) == 0)
			return true;
	return false;
}

/* The asked fields, checked: sealed, live, and not just masked for this profile. */
static struct err *
reveal_fields(struct request *rq, const struct record_ctx *cx, const char ***names_r, size_t *n_r)
{
	struct json_object *list = request_value(rq, "fields");
	size_t n = json_object_array_length(list);
	const char **names = ARENA_ARRAY(rq->a, n + 1, const char *);
	struct err *e = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(list, i));
		enum field_level level;
		const struct field *f =
			catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, name, &level);

		if (f != NULL && level == LEVEL_MASKED)
			return err_new(rq->a, ERR_DENIED, "error.reveal_denied");
		if (f == NULL || !f->sealed)
			err_add_field(rq->a, &e, "fields", "error.unknown_field", NULL);
		names[i] = name;
	}
	if (n == 0)
		err_add_field(rq->a, &e, "fields", "error.required", NULL);
	*names_r = names;
	*n_r = n;
	return e;
}

static struct err *
reveal(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	const char *reason = request_text(rq, "reason"), **names = NULL;
	struct audit_event ev = {.action = "reveal", .entity = "contact", .reason = reason};
	struct json_object *values;
	struct seal_key key;
	struct record *rec;
	struct err *e = NULL;
	size_t n = 0;

	if (!known_reason(reason)) {
		err_add_field(rq->a, &e, "reason", "error.choice", NULL);
		return e;
	}
	TRY(reveal_fields(rq, &cx, &names, &n));
	TRY(person_key(&cx, id, &key));
	ev.records = ev.subjects = arena_memdup(rq->a, &id, sizeof(id));
	ev.nrecords = ev.nsubjects = 1;
	ev.fields = names;
	ev.nfields = n;
	audit_queue(rq->tx, rq->a, &ev);
	TRY(tx_query(rq->tx, &grant_reveal,
		VALS(val_i64(rq->principal->session_id), val_i64(id), val_texts(names, n)), NULL));
	response_go(rp, rq, "/contacts/%lld", (long long)id);
	rp->subject_id = id;
	if (!rq->api)
		return NULL;
	rp->location = NULL;
	TRY(record_read(&cx, ENTITY_CONTACT, id, false, &rec));
	values = model_child(response_data(rp), "values");
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < rec->layout->n; i++)
			if (strcmp(rec->layout->fields[i]->name, names[k]) == 0)
				value_json(rq->a, rec->layout->fields[i], rec->currency,
					&rec->values[i], values, names[k]);
	return NULL;
}

/* Which text to compare, in the form it is stored; e when it cannot be one. */
static struct err *
verify_value(
	struct request *rq, const struct record_ctx *cx, const struct field **f_r, struct value *v)
{
	static const char *const allowed[] = {"hkid", "phone", "phone2", "date_of_birth", NULL};
	const char *name = request_text(rq, "field");
	enum field_level level;
	struct err *e = NULL;
	bool ok = false;

	for (const char *const *a = allowed; *a != NULL; a++)
		ok |= strcmp(*a, name) == 0;
	*f_r = ok ? catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, name, &level) : NULL;
	if (*f_r == NULL) {
		err_add_field(rq->a, &e, "field", "error.choice", NULL);
		return e;
	}
	if (!value_parse(rq->a, *f_r, "HKD", request_value(rq, "value"), v, &e) || v->null) {
		e = NULL;
		err_add_field(rq->a, &e, "value", "error.format", NULL);
	}
	return e;
}

/* A caller is verified without anything being shown: yes or no, and logged. */
static struct err *
verify(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct audit_event ev = {.action = "search", .entity = "contact", .reason = "verify"};
	const struct guard one = guard_of(rq->a, rq->tenant, "verify.user",
		arena_printf(rq->a, "%lld", (long long)rq->principal->user_id), VERIFY_PER_HOUR);
	const struct field *f;
	struct rows *rows, *count;
	struct value v;
	bool match;

	TRY(verify_value(rq, &cx, &f, &v));
	/* One after the other, or those that are asked at once are counted as none. */
	guard_hold(rq->tx, &one);
	tx_queue(rq->tx, &verify_count, VALS(val_i64(rq->principal->user_id), val_text("verify")),
		&count);
	TRY(record_equals(&cx, ENTITY_CONTACT, id, f, &v, &rows));
	if (rows_count(rows) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_i64(count, 0, 0) >= VERIFY_PER_HOUR)
		return err_new(rq->a, ERR_TOO_MANY, NULL);
	match = rows_bool(rows, 0, 0);
	ev.records = ev.subjects = arena_memdup(rq->a, &id, sizeof(id));
	ev.nrecords = ev.nsubjects = 1;
	ev.fields = arena_memdup(rq->a, &f->name, sizeof(f->name));
	ev.nfields = 1;
	ev.outcome = match ? "ok" : "failed";
	audit_queue(rq->tx, rq->a, &ev);
	model_bool(response_data(rp), "match", match);
	response_flash(rp, match ? "flash.verify_yes" : "flash.verify_no");
	if (!rq->api)
		response_go(rp, rq, "/contacts/%lld", (long long)id);
	return NULL;
}

static const struct param reveal_params[] = {
	{"fields", P_TEXTS, IN_BODY, 0, 20, true},
	{"reason", P_TEXT, IN_BODY, 0, 40, true},
	PARAM_END,
};
static const struct param verify_params[] = {
	{"field", P_TEXT, IN_BODY, 0, 40, true},
	{"value", P_TEXT, IN_BODY, 0, 40, true},
	PARAM_END,
};
/* Of the timeline, which only the page has. */
static const struct param read_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 500, false},
	PARAM_END,
};

const struct route contact_routes[] = {
	ROUTE(READ, GET, "/contacts", ON_BOTH, "contact", RIGHT_VIEW, "list", pages_list,
		list_params, NULL, "record/list", "contact.list"),
	ROUTE(WRITE, POST, "/contacts/search", ON_BOTH, "contact", RIGHT_VIEW, "search",
		pages_search, search_params, NULL, "", "contact.search"),
	ROUTE(READ, GET, "/contacts/new", ON_PAGE, "contact", RIGHT_CREATE, "", pages_new, NULL,
		NULL, "record/form", "contact.new"),
	ROUTE(WRITE, POST, "/contacts", ON_BOTH, "contact", RIGHT_CREATE, "create", pages_create,
		NULL, "contact", "record/form", "contact.create"),
	ROUTE(READ, GET, "/contacts/{id}", ON_API, "contact", RIGHT_VIEW, "view", pages_read, NULL,
		NULL, "", "contact.read"),
	ROUTE(READ, GET, "/contacts/{id}", ON_PAGE, "contact", RIGHT_VIEW, "view", pages_read,
		read_params, NULL, "record/detail", "contact.page"),
	ROUTE(READ, GET, "/contacts/{id}/edit", ON_PAGE, "contact", RIGHT_EDIT, "view", pages_edit,
		NULL, NULL, "record/form", "contact.edit"),
	ROUTE(CHANGE, POST, "/contacts/{id}/edit", ON_PAGE, "contact", RIGHT_EDIT, "update",
		pages_update, NULL, "contact", "record/form", "contact.save"),
	ROUTE(CHANGE, PATCH, "/contacts/{id}", ON_API, "contact", RIGHT_EDIT, "update",
		pages_update, NULL, "contact", "", "contact.update"),
	ROUTE(CHANGE, POST, "/contacts/{id}/archive", ON_PAGE, "contact", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "contact.archive"),
	ROUTE(CHANGE, DELETE, "/contacts/{id}", ON_API, "contact", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "contact.delete"),
	ROUTE(CHANGE, POST, "/contacts/{id}/restore", ON_BOTH, "contact", RIGHT_DELETE, "restore",
		pages_restore, NULL, NULL, "", "contact.restore"),
	ROUTE(WRITE, POST, "/contacts/{id}/reveal", ON_BOTH, "contact", RIGHT_VIEW, "reveal",
		reveal, reveal_params, NULL, "", "contact.reveal"),
	ROUTE(WRITE, POST, "/contacts/{id}/verify", ON_BOTH, "contact", RIGHT_VIEW, "search",
		verify, verify_params, NULL, "", "contact.verify"),
	ROUTE_END,
};
