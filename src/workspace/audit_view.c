/* SPDX-License-Identifier: ISC */
/* One event of the log, for programs and for people. */
#include "audit.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "invoice.h"
#include "profile.h"

/* A value of the past ("old" or "new"), as this reader may see it. An amount of
 * an invoice names its own currency beside it. */
static const char *
past_text(const struct record_ctx *cx, const struct field *f, enum field_level level,
	struct json_object *pair, const char *which)
{
	const char *text = json_object_get_string(json_object_object_get(pair, which));
	const char *currency = json_object_get_string(
		json_object_object_get(pair, arena_printf(cx->a, "%s_currency", which)));
	struct value v;

	if (text == NULL || f == NULL)
		return text;
	/* What it referred to may be a record that the reader does not see. */
	if ((f->type == FIELD_COMPANY && !record_sees_all(cx, ENTITY_COMPANY)) ||
		(f->type == FIELD_CONTACT && !record_sees_all(cx, ENTITY_CONTACT)))
		return value_mask(cx->a, f, NULL);
	if (f->sealed || level == LEVEL_MASKED)
		return value_mask(cx->a, f, f->type == FIELD_HKID ? text : NULL);
	value_from_text(cx->a, f, text, &v);
	return value_show(cx->a, f, currency != NULL ? currency : cx->cat->currency, &v, cx->lang);
}

const char *
audit_part(const struct record_ctx *cx, enum entity e, const char *name)
{
	static const struct {
		enum entity entity;
		const char *name, *label, *adds_up_to;
	} parts[] = {{ENTITY_INVOICE, "lines", "invoice.lines", "amount"},
		{ENTITY_INVOICE, "bill_to", "invoice.bill_to", NULL},
		{ENTITY_CONTACT, "shares", "share.title", NULL},
		{ENTITY_COMPANY, "shares", "share.title", NULL},
		{ENTITY_ACTIVITY, "readers", "activity.readers", NULL}};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].entity == e && strcmp(parts[i].name, name) == 0 &&
			principal_may(cx->principal, e, RIGHT_VIEW) &&
			(parts[i].adds_up_to == NULL || record_reads(cx, e, parts[i].adds_up_to)) &&
			(strcmp(name, "bill_to") != 0 || invoice_shows_bill_to(cx)))
			return view_text(cx->a, cx->lang, parts[i].label, NULL);
	return NULL;
}

static void
add_change(const struct record_ctx *cx, enum entity e, const char *name, struct json_object *pair,
	struct json_object *o)
{
	enum field_level level = LEVEL_HIDDEN;
	const struct field *f = principal_may(cx->principal, e, RIGHT_VIEW)
					? catalogue_visible(cx->cat, cx->principal, e, name, &level)
					: NULL;
	const char *part = f == NULL ? audit_part(cx, e, name) : NULL;
	struct json_object *list = json_object_object_get(o, "changes"), *item;

	if (f == NULL && part == NULL)
		return;
	item = model_item(list != NULL ? list : model_list(o, "changes"));
	model_text(item, "field", name);
	model_text(item, "label", f != NULL ? field_label(f, cx->lang) : part);
	model_text(item, "before", past_text(cx, f, level, pair, "old"));
	model_text(item, "after", past_text(cx, f, level, pair, "new"));
}

static void
add_changes(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	struct bytes sealed = rows_bytes(cx->a, r, i, EV_CHANGES),
		     wrapped = rows_bytes(cx->a, r, i, EV_WRAPPED), plain;
	enum entity e =
		rows_null(r, i, EV_ENTITY) ? ENTITY_NONE : entity_parse(rows_text(r, i, EV_ENTITY));
	struct seal_key key = tenant_log_key(cx->tenant);
	struct json_object *diff;
	size_t n;
	int64_t *subjects = rows_i64s(cx->a, r, i, EV_SUBJECTS, &n);

	const char *of = rows_null(r, i, EV_ENTITY) ? "" : rows_text(r, i, EV_ENTITY);
	bool rights = strcmp(of, "profile") == 0 || strcmp(of, "user") == 0;

	if (sealed.p == NULL || (e == ENTITY_NONE && !rights))
		return;
	if (!rows_null(r, i, EV_KEY) &&
		(wrapped.p == NULL || !key_unwrap(cx->a, &cx->tenant->kek, "person", wrapped,
					      rows_i64(r, i, EV_KEY), &key)))
		return; /* erased: the event stays, its values are gone */
	if (!unseal_value(cx->a, &key,
		    arena_printf(cx->a, "audit.changes|%lld", n > 0 ? (long long)subjects[0] : 0LL),
		    sealed, &plain))
		return;
	diff = model_own(cx->a, json_tokener_parse((const char *)plain.p));
	json_object_object_foreach(diff, name, pair)
	{
		if (rights)
			profile_log_model(cx, name, pair, o);
		else
			add_change(cx, e, name, pair, o);
	}
}

static void
add_ids(const struct record_ctx *cx, const struct rows *r, size_t i, size_t col, const char *name,
	struct json_object *o)
{
	struct json_object *list = model_list(o, name);
	size_t n;
	int64_t *ids = rows_i64s(cx->a, r, i, col, &n);

	for (size_t k = 0; k < n; k++)
		model_push_i64(list, ids[k]);
}

/* Only fields the reader may know of. */
static void
add_fields(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	struct json_object *list = model_list(o, "fields");
	enum entity e =
		rows_null(r, i, EV_ENTITY) ? ENTITY_NONE : entity_parse(rows_text(r, i, EV_ENTITY));
	size_t n;
	const char **names = rows_texts(cx->a, r, i, EV_FIELDS, &n);

	for (size_t k = 0; k < n && e != ENTITY_NONE; k++) {
		size_t len = strlen(names[k]);
		bool masked = len > 0 && names[k][len - 1] == '~';
		enum field_level level;

		if (catalogue_visible(cx->cat, cx->principal, e,
			    arena_strndup(cx->a, names[k], masked ? len - 1 : len),
			    &level) != NULL ||
			audit_part(cx, e, names[k]) != NULL)
			model_push_text(list, names[k]);
	}
}

void
audit_model(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	static const struct {
		const char *name;
		size_t col;
	} texts[] = {{"actor_kind", EV_ACTOR_KIND}, {"actor_name", EV_ACTOR_NAME}, {"via", EV_VIA},
		{"ip", EV_IP}, {"agent", EV_AGENT}, {"request_id", EV_REQUEST}, {"route", EV_ROUTE},
		{"action", EV_ACTION}, {"outcome", EV_OUTCOME}, {"entity", EV_ENTITY},
		{"reason", EV_REASON}};

	model_i64(o, "id", rows_i64(r, i, EV_ID));
	model_text(o, "at", time_rfc3339(cx->a, rows_i64(r, i, EV_AT)));
	if (rows_null(r, i, EV_ACTOR))
		model_null(o, "actor");
	else
		model_i64(o, "actor", rows_i64(r, i, EV_ACTOR));
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		model_text(o, texts[k].name, rows_text(r, i, texts[k].col));
	if (!rows_null(r, i, EV_SESSION))
		model_i64(o, "session", rows_i64(r, i, EV_SESSION));
	if (!rows_null(r, i, EV_AS_USER)) {
		model_i64(o, "as_user", rows_i64(r, i, EV_AS_USER));
		model_text(o, "as_user_name", rows_text(r, i, EV_AS_NAME));
	}
	if (!rows_null(r, i, EV_GRANT))
		model_i64(o, "support_grant", rows_i64(r, i, EV_GRANT));
	if (!rows_null(r, i, EV_OPERATOR))
		model_i64(o, "operator", rows_i64(r, i, EV_OPERATOR));
	model_i64(o, "count", rows_i64(r, i, EV_COUNT));
	add_ids(cx, r, i, EV_RECORDS, "record_ids", o);
	add_ids(cx, r, i, EV_SUBJECTS, "subject_ids", o);
	add_fields(cx, r, i, o);
	add_changes(cx, r, i, o);
}

static const char *
word_of(const struct record_ctx *cx, const char *prefix, const char *word)
{
	const char *key = arena_printf(cx->a, "%s.%s", prefix, word);
	const char *text = view_text(cx->a, cx->lang, key, NULL);

	return strcmp(text, key) == 0 ? NULL : text;
}

/* Reasons are codes of several pick-lists; a refusal names the right that lacked. */
static const char *
reason_label(const struct record_ctx *cx, const char *code, const char *outcome)
{
	static const char *const lists[] = {"audit.reason_word", "reason", "erase.reason", NULL};
	const char *text;

	if (strcmp(outcome, "denied") == 0) {
		text = word_of(cx, "audit.right_word", code);
		return text != NULL ? text : code;
	}
	for (const char *const *l = lists; *l != NULL; l++) {
		text = word_of(cx, *l, code);
		if (text != NULL)
			return text;
	}
	return code;
}

/* Names of fields as people know them; "hkid~" was shown masked. */
static void
add_field_labels(const struct record_ctx *cx, enum entity e, struct json_object *names,
	struct json_object *o)
{
	struct json_object *list = model_list(o, "field_labels");
	size_t n = json_object_array_length(names);

	for (size_t i = 0; i < n; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i));
		size_t len = strlen(name);
		bool masked = len > 0 && name[len - 1] == '~';
		const struct field *f = catalogue_find(
			cx->cat, e, masked ? arena_strndup(cx->a, name, len - 1) : name);
		const char *label = f != NULL ? field_label(f, cx->lang) : name;

		model_push_text(list,
			masked ? view_text(cx->a, cx->lang, "audit.masked_field", label) : label);
	}
}

static void
add_records(
	const struct record_ctx *cx, enum entity e, struct json_object *ids, struct json_object *o)
{
	struct json_object *list = model_list(o, "records");
	size_t n = json_object_array_length(ids);

	for (size_t i = 0; i < n && i < AUDIT_LINKS; i++) {
		long long id = (long long)json_object_get_int64(json_object_array_get_idx(ids, i));
		struct json_object *item = model_item(list);

		model_i64(item, "id", id);
		if (e != ENTITY_NONE)
			model_text(item, "url",
				arena_printf(cx->a, "%s/%lld", entity_def(e)->path, id));
	}
	if (n > AUDIT_LINKS)
		model_i64(o, "more_records", (int64_t)(n - AUDIT_LINKS));
}

static void
add_person(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	size_t n;
	int64_t *subjects = rows_i64s(cx->a, r, i, EV_SUBJECTS, &n);
	const char *name = rows_text(r, i, EV_SUBJECT_NAME);

	if (n == 0)
		return;
	model_text(o, "subject",
		name != NULL ? name : arena_printf(cx->a, "%lld", (long long)subjects[0]));
	model_bool(o, "subject_named", name != NULL);
	model_text(o, "subject_url", arena_printf(cx->a, "/contacts/%lld", (long long)subjects[0]));
	if (n > 1)
		model_i64(o, "more", (int64_t)n - 1);
}

void
audit_words(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	const char *action = rows_text(r, i, EV_ACTION), *kind = rows_text(r, i, EV_ACTOR_KIND);
	const char *name = rows_text(r, i, EV_ACTOR_NAME), *word = rows_text(r, i, EV_ENTITY);
	const char *outcome = rows_text(r, i, EV_OUTCOME);
	enum entity e = word == NULL ? ENTITY_NONE : entity_parse(word);

	model_text(o, "when", time_show(cx->a, rows_i64(r, i, EV_AT), lang_tag(cx->lang)));
	model_text(o, "url", arena_printf(cx->a, "/audit/%lld", (long long)rows_i64(r, i, EV_ID)));
	model_text(o, "action_label",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "audit.action.%s", action), NULL));
	model_text(o, "action_kind", audit_action_find(action)->kind);
	model_text(o, "who",
		name != NULL && strcmp(kind, "user") == 0
			? name
			: view_text(cx->a, cx->lang, arena_printf(cx->a, "audit.actor.%s", kind),
				  NULL));
	/* A job runs on behalf of whoever asked for it. */
	if (name != NULL && strcmp(kind, "user") != 0)
		model_text(o, "for_whom", name);
	model_text(o, "via_label", word_of(cx, "audit.via_word", rows_text(r, i, EV_VIA)));
	if (e != ENTITY_NONE)
		model_text(o, "entity_label",
			view_text(
				cx->a, cx->lang, arena_printf(cx->a, "entity.%s.one", word), NULL));
	else if (word != NULL)
		model_text(o, "entity_label", word_of(cx, "audit.entity_word", word));
	if (!rows_null(r, i, EV_REASON))
		model_text(
			o, "reason_label", reason_label(cx, rows_text(r, i, EV_REASON), outcome));
	add_person(cx, r, i, o);
	add_records(cx, e, json_object_object_get(o, "record_ids"), o);
	if (e != ENTITY_NONE)
		add_field_labels(cx, e, json_object_object_get(o, "fields"), o);
}

const char *const audit_entities[] = {"user", "profile", "team", "token", "support_grant", "export",
	"import", "audit", "workspace", "request", "source", "log_book", "incident", "alert",
	"holiday", "retention_rule", "leak_test", "suppression", NULL};

static void
add_option(struct json_object *list, const char *value, const char *label, const char *chosen)
{
	struct json_object *o = model_item(list);

	model_text(o, "value", value);
	model_text(o, "label", label);
	if (chosen != NULL && strcmp(chosen, value) == 0)
		model_bool(o, "selected", true);
}

static void
add_entities(struct request *rq, const struct audit_filter *f, struct json_object *list)
{
	for (int e = 0; e < ENTITY_MAX; e++)
		add_option(list, entity_name((enum entity)e),
			say(rq, arena_printf(rq->a, "entity.%s.one", entity_name((enum entity)e))),
			f->entity);
	for (const char *const *a = audit_entities; *a != NULL; a++)
		add_option(list, *a, say_word(rq, "audit.entity_word", *a), f->entity);
}

/* The views, each with the other filters as they are. */
static void
add_views(struct request *rq, const struct audit_filter *f, struct json_object *list)
{
	for (int v = 0; v < AUDIT_VIEWS; v++) {
		struct json_object *o = model_item(list);
		struct audit_filter other = *f;

		other.view = (enum audit_view)v;
		model_text(o, "label", say_word(rq, "audit.view", audit_view_name(other.view)));
		model_text(o, "url", audit_filter_url(rq->a, rq->path, &other));
		model_bool(o, "active", other.view == f->view);
	}
}

void
audit_filters(struct request *rq, const struct audit_filter *f, const struct rows *users,
	struct json_object *o)
{
	static const char *const outcomes[] = {"ok", "denied", "failed", NULL};
	struct json_object *list;

	audit_filter_model(rq->a, f, model_child(o, "values"));
	model_text(o, "line", audit_filter_line(rq->a, f));
	add_views(rq, f, model_list(o, "views"));
	list = model_list(o, "action_options");
	for (const struct audit_action *const *a = audit_actions; *a != NULL; a++)
		if (f->view == AUDIT_ALL || (*a)->view == f->view)
			add_option(list, (*a)->name, say_word(rq, "audit.action", (*a)->name),
				f->action);
	list = model_list(o, "outcome_options");
	for (const char *const *a = outcomes; *a != NULL; a++)
		add_option(list, *a, say_word(rq, "audit.outcome_label", *a), f->outcome);
	add_entities(rq, f, model_list(o, "entity_options"));
	list = model_list(o, "actor_options");
	for (size_t i = 0; users != NULL && i < rows_count(users); i++)
		add_option(list, arena_printf(rq->a, "%lld", (long long)rows_i64(users, i, 0)),
			rows_text(users, i, 1), audit_filter_get(rq->a, f, "actor"));
}
