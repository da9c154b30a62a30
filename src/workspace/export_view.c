/* SPDX-License-Identifier: ISC */
#include "export_view.h"

#include <string.h>

#include "audit_filter.h"
#include "controls.h"
#include "date.h"
#include "model.h"

/* Places of EXPORT_COLUMNS. */
enum column {
	ID,
	KIND,
	ENTITY,
	CONTACT,
	FORMAT,
	STATE,
	FIELDS,
	OPENED,
	REASON,
	ASKED,
	DAY,
	THRESHOLD,
	APPROVED,
	EXPORTED,
	CREATED_AT,
	CREATED_BY,
	CREATOR,
	DECIDED_AT,
	DECIDED_BY,
	DECIDER,
	ALONE,
	NOTE,
	QUERY,
	JOB,
	DOWNLOAD,
	FETCHED,
	EXPIRES_AT,
	THERE,
	LOG,
	ERROR
};

static const char *
text_at(const struct export_row *x, enum column c)
{
	return rows_text(x->r, x->i, c);
}

static int64_t
i64_at(const struct export_row *x, enum column c)
{
	return rows_i64(x->r, x->i, c);
}

static bool
null_at(const struct export_row *x, enum column c)
{
	return rows_null(x->r, x->i, c);
}

int64_t
export_row_id(const struct export_row *x)
{
	return i64_at(x, ID);
}

bool
export_row_is_whole(const struct export_row *x)
{
	return strcmp(text_at(x, KIND), "workspace") == 0;
}

static bool
in_state(const struct export_row *x, const char *state)
{
	return strcmp(text_at(x, STATE), state) == 0;
}

static bool
may_approve(const struct export_row *x)
{
	return x->approver && in_state(x, "waiting") && (!x->mine || !x->others);
}

static bool
may_reject(const struct export_row *x)
{
	return x->approver && in_state(x, "waiting") && !x->mine;
}

static bool
may_cancel(const struct export_row *x)
{
	/* What is being made ends at its next piece. */
	return x->mine &&
	       (in_state(x, "waiting") ||
		       (in_state(x, "running") && (strcmp(text_at(x, KIND), "list") == 0 ||
							  strcmp(text_at(x, KIND), "log") == 0)));
}

static void
add_i64(struct json_object *o, const char *name, const struct export_row *x, enum column c)
{
	if (null_at(x, c))
		model_null(o, name);
	else
		model_i64(o, name, i64_at(x, c));
}

static void
add_time(const struct record_ctx *cx, struct json_object *o, const char *name,
	const struct export_row *x, enum column c)
{
	model_text(o, name, null_at(x, c) ? NULL : time_rfc3339(cx->a, i64_at(x, c)));
}

static void
add_user(struct json_object *o, const char *name, const struct export_row *x, enum column id,
	enum column who)
{
	struct json_object *u;

	if (null_at(x, id)) {
		model_null(o, name);
		return;
	}
	u = model_child(o, name);
	model_i64(u, "id", i64_at(x, id));
	model_text(u, "name", text_at(x, who));
}

/* Of the fields in it those that the reader may see: what is hidden has no name. */
static void
add_fields(const struct record_ctx *cx, const struct export_row *x, enum column c,
	struct json_object *list, bool labels)
{
	enum entity e = entity_parse(text_at(x, ENTITY));
	size_t n;
	const char **names = rows_texts(cx->a, x->r, x->i, c, &n);

	for (size_t i = 0; i < n; i++) {
		enum field_level level;
		const struct field *f =
			catalogue_visible(cx->cat, cx->principal, e, names[i], &level);

		if (f != NULL)
			model_push_text(list, labels ? field_label(f, cx->lang) : f->name);
	}
}

static void
add_allowed(const struct export_row *x, struct json_object *o)
{
	struct json_object *list = model_list(o, "allowed");

	if (may_approve(x))
		model_push_text(list, "approve");
	if (may_reject(x))
		model_push_text(list, "reject");
	if (may_cancel(x))
		model_push_text(list, "cancel");
}

static const char *
download_path(const struct record_ctx *cx, const struct export_row *x)
{
	if (!x->mine || export_row_is_whole(x) || null_at(x, DOWNLOAD) ||
		!rows_bool(x->r, x->i, THERE))
		return NULL;
	return arena_printf(cx->a, "/downloads/%lld", (long long)i64_at(x, DOWNLOAD));
}

void
export_model(const struct record_ctx *cx, const struct export_row *x, struct json_object *o)
{
	model_i64(o, "id", i64_at(x, ID));
	model_text(o, "code", export_code(cx->a, i64_at(x, ID)));
	model_text(o, "kind", text_at(x, KIND));
	model_text(o, "entity", text_at(x, ENTITY));
	add_i64(o, "contact_id", x, CONTACT);
	model_text(o, "format", text_at(x, FORMAT));
	model_text(o, "state", text_at(x, STATE));
	add_fields(cx, x, FIELDS, model_list(o, "fields"), false);
	add_fields(cx, x, OPENED, model_list(o, "revealed"), false);
	model_text(o, "reason", text_at(x, REASON));
	model_i64(o, "asked", i64_at(x, ASKED));
	add_i64(o, "approved", x, APPROVED);
	add_i64(o, "exported", x, EXPORTED);
	model_i64(o, "day", i64_at(x, DAY));
	model_i64(o, "threshold", i64_at(x, THRESHOLD));
	add_time(cx, o, "created_at", x, CREATED_AT);
	add_user(o, "created_by", x, CREATED_BY, CREATOR);
	add_time(cx, o, "decided_at", x, DECIDED_AT);
	add_user(o, "decided_by", x, DECIDED_BY, DECIDER);
	model_bool(o, "alone", rows_bool(x->r, x->i, ALONE));
	model_text(o, "note", export_note(cx, i64_at(x, ID), rows_bytes(cx->a, x->r, x->i, NOTE)));
	add_i64(o, "job", x, JOB);
	model_text(o, "download", download_path(cx, x));
	model_i64(o, "fetched", null_at(x, FETCHED) ? 0 : i64_at(x, FETCHED));
	add_time(cx, o, "expires_at", x, EXPIRES_AT);
	model_text(o, "error", null_at(x, ERROR) ? NULL : text_at(x, ERROR));
	add_allowed(x, o);
}

static const char *
state_kind(const char *state)
{
	static const struct {
		const char *state, *kind;
	} kinds[] = {{"waiting", "warning"}, {"running", "info"}, {"done", "success"},
		{"failed", "danger"}, {"rejected", "danger"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].state, state) == 0)
			return kinds[i].kind;
	return "neutral";
}

/* "Contacts", "A person's file" */
static const char *
what(const struct request *rq, const struct export_row *x)
{
	return say(rq, export_what(rq->a, text_at(x, KIND), text_at(x, ENTITY)));
}

/* In the file, else approved, else asked for. */
static int64_t
count_of(const struct export_row *x)
{
	if (!null_at(x, EXPORTED))
		return i64_at(x, EXPORTED);
	return null_at(x, APPROVED) ? i64_at(x, ASKED) : i64_at(x, APPROVED);
}

static const char *
when(const struct request *rq, const struct export_row *x, enum column c)
{
	return time_show(rq->a, i64_at(x, c), lang_tag(request_lang(rq)));
}

void
export_columns(const struct request *rq, bool approver, struct json_object *page)
{
	static const char *const columns[] = {
		"exports.export", "exports.what", "exports.records", NULL};
	struct json_object *o = model_list(page, "columns");

	for (const char *const *c = columns; *c != NULL; c++)
		table_column(o, say(rq, *c));
	if (approver)
		table_column(o, say(rq, "exports.by"));
	table_column(o, say(rq, "exports.at"));
	table_column(o, say(rq, "exports.state"));
	table_column(o, say(rq, "exports.fetched"));
}

void
export_table_row(const struct request *rq, const struct export_row *x, struct json_object *row)
{
	struct json_object *cells = model_list(row, "cells");

	model_text(row, "url", arena_printf(rq->a, "/exports/%lld", (long long)i64_at(x, ID)));
	table_cell(cells, export_code(rq->a, i64_at(x, ID)), NULL);
	table_cell(cells, what(rq, x), NULL);
	table_cell(cells, number_text(rq->a, count_of(x)), NULL);
	if (x->approver)
		table_cell(cells, text_at(x, CREATOR), NULL);
	table_cell(cells, when(rq, x, CREATED_AT), NULL);
	table_cell(cells, say_word(rq, "exports.state_word", text_at(x, STATE)),
		state_kind(text_at(x, STATE)));
	table_cell(cells, number_text(rq->a, null_at(x, FETCHED) ? 0 : i64_at(x, FETCHED)), NULL);
}

static void
fact(const struct request *rq, struct json_object *facts, const char *key, const char *text)
{
	struct json_object *o;

	if (text == NULL)
		return;
	o = model_item(facts);
	model_text(o, "label", say(rq, key));
	model_text(o, "text", text);
}

static const char *
number_at(const struct request *rq, const struct export_row *x, enum column c)
{
	return null_at(x, c) ? NULL : number_text(rq->a, i64_at(x, c));
}

static const char *
joined(const struct record_ctx *cx, const struct export_row *x, enum column c)
{
	struct json_object *list = model_own(cx->a, json_object_new_array());
	struct sb sb;

	add_fields(cx, x, c, list, true);
	sb_init(&sb, cx->a, 65536);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		sb_printf(&sb, "%s%s", i > 0 ? ", " : "",
			json_object_get_string(json_object_array_get_idx(list, i)));
	return sb.n > 0 ? sb.p : NULL;
}

/* Which events of the log. */
static const char *
log_line(struct arena *a, const char *json)
{
	struct json_object *o = json_tokener_parse(json);
	struct audit_filter f;

	if (o == NULL)
		return NULL;
	audit_filter_load(a, model_own(a, o), &f);
	return audit_filter_line(a, &f);
}

static void
add_facts(struct request *rq, const struct record_ctx *cx, const struct export_row *x,
	struct json_object *facts)
{
	const char *of_day = number_at(rq, x, DAY);

	fact(rq, facts, "exports.what", what(rq, x));
	if (!null_at(x, CONTACT))
		fact(rq, facts, "export.number",
			arena_printf(rq->a, "%lld", (long long)i64_at(x, CONTACT)));
	if (!null_at(x, LOG))
		fact(rq, facts, "audit.line", log_line(cx->a, text_at(x, LOG)));
	fact(rq, facts, "exports.asked", number_at(rq, x, ASKED));
	fact(rq, facts, "exports.approved", number_at(rq, x, APPROVED));
	fact(rq, facts, "exports.exported", number_at(rq, x, EXPORTED));
	fact(rq, facts, "exports.day", of_day);
	fact(rq, facts, "exports.threshold", number_at(rq, x, THRESHOLD));
	fact(rq, facts, "exports.fields", joined(cx, x, FIELDS));
	fact(rq, facts, "exports.opened", joined(cx, x, OPENED));
	fact(rq, facts, "exports.by", text_at(x, CREATOR));
	fact(rq, facts, "exports.at", when(rq, x, CREATED_AT));
	fact(rq, facts, "exports.reason", say_word(rq, "reason", text_at(x, REASON)));
	if (!null_at(x, DECIDED_AT)) {
		const char *key = in_state(x, "rejected")        ? "exports.rejected_by"
				  : rows_bool(x->r, x->i, ALONE) ? "exports.approved_alone"
								 : "exports.approved_by";

		fact(rq, facts, key, text_at(x, DECIDER));
		fact(rq, facts, "exports.decided_at", when(rq, x, DECIDED_AT));
	}
	fact(rq, facts, "exports.decision_note",
		export_note(cx, i64_at(x, ID), rows_bytes(cx->a, x->r, x->i, NOTE)));
	fact(rq, facts, "exports.fetched", number_at(rq, x, FETCHED));
	if (!null_at(x, EXPIRES_AT))
		fact(rq, facts, "exports.expires", when(rq, x, EXPIRES_AT));
}

/* Words and filters, as far as the reader may see what they are about. */
static void
add_question(const struct record_ctx *cx, const struct export_row *x, struct json_object *page)
{
	enum entity e = entity_parse(text_at(x, ENTITY));
	struct json_object *q = export_question(
				   cx, i64_at(x, ID), rows_bytes(cx->a, x->r, x->i, QUERY)),
			   *seen = model_object(cx->a), *v;

	if (q == NULL)
		return;
	if (record_may_search(cx, e) && json_object_object_get_ex(q, "q", &v) && v != NULL)
		model_text(page, "words", json_object_get_string(v));
	if (!json_object_object_get_ex(q, "filter", &v) || v == NULL)
		return;
	json_object_object_foreach(v, name, value)
	{
		if (record_reads(cx, e, name))
			json_object_object_add(seen, name, json_object_get(value));
	}
	model_applied(cx, e, seen, page);
}

static void
add_note(struct request *rq, struct json_object *page, const char *hint)
{
	struct json_object *f = form_field(rq, model_list(page, "fields"), "long_text", "note",
		say(rq, "exports.decision_note"), "");

	form_hint(rq, f, hint);
	model_i64(f, "max", EXPORT_NOTE_MAX);
}

void
export_detail(struct request *rq, const struct record_ctx *cx, const struct export_row *x,
	struct json_object *page)
{
	const char *code = export_code(rq->a, i64_at(x, ID));

	model_text(page, "title", view_text(rq->a, cx->lang, "exports.title_one", code));
	model_crumb(page, say(rq, "exports.title"), "/exports");
	model_badge(page, cx, state_kind(text_at(x, STATE)),
		arena_printf(rq->a, "exports.state_word.%s", text_at(x, STATE)));
	model_text(page, "url", arena_printf(rq->a, "/exports/%lld", (long long)i64_at(x, ID)));
	add_facts(rq, cx, x, model_list(page, "facts"));
	add_question(cx, x, page);
	model_text(page, "download", download_path(cx, x));
	model_bool(page, "running", in_state(x, "running"));
	if (!null_at(x, ERROR))
		model_text(page, "failure", say(rq, text_at(x, ERROR)));
	model_bool(page, "waits", x->mine && in_state(x, "waiting") && !may_approve(x));
	model_bool(page, "cancel", may_cancel(x));
	model_bool(page, "approve", may_approve(x));
	model_bool(page, "reject", may_reject(x));
	model_bool(page, "alone", may_approve(x) && x->mine);
	if (may_approve(x) || may_reject(x))
		add_note(rq, page, x->mine ? "exports.alone_hint" : "exports.note_hint");
}
