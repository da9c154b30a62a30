/* SPDX-License-Identifier: ISC */
/* The catalogue of fields: what is collected, of which kind, for what, how protected. */
#include "workspace.h"

#include <string.h>

#include "column.h"
#include "controls.h"
#include "event.h"
#include "field.h"
#include "job.h"
#include "text.h"

#define FIELDS_MAX 200

STMT(insert_field, "field.insert", 12,
	"insert into field (entity, name, column_name, type, label_en, label_zh, category, "
	"purpose, justification, sealed, choices, listed, state, created_by, field_id) "
	"overriding system value "
	"select $1, $2, 'cf_' || n.id, $3, $4, $5, $6, $7, $8, $9::boolean, $10::jsonb, "
	"$11::boolean, 'adding', $12::bigint, n.id from (select nextval('field_field_id_seq') as "
	"id) n");
STMT(count_fields, "field.count", 1,
	"select count(*) from field where entity = $1 and not builtin");
STMT(patch_field, "field.patch", 12,
	"update field set label_en = coalesce($4, label_en), label_zh = coalesce($5, label_zh), "
	"category = coalesce($6, category), purpose = coalesce($7, purpose), "
	"justification = coalesce($8, justification), enabled = coalesce($9::boolean, enabled), "
	"listed = coalesce($10::boolean, listed), position = coalesce($11::int, position), "
	"state = coalesce($12, state), version = version + 1 "
	"where entity = $1 and name = $2 and version = $3::bigint");
STMT(read_field, "field.read", 2,
	"select version, sealed, state, type, justification "
	"from field where entity = $1 and name = $2 for update");
STMT(drop_field, "field.drop", 2,
	"update field set state = 'dropping', enabled = false, version = version + 1 "
	"where entity = $1 and name = $2");
STMT(field_job, "field.job", 1,
	"select job_id from job where unique_key = $1 and state in ('queued', 'running')");

/* "contact.hkid" of the path. */
const struct field *
field_of(const struct request *rq)
{
	const char *path = rq->path_args[0], *dot = strchr(path, '.');
	enum entity e;

	if (dot == NULL)
		return NULL;
	e = entity_parse(arena_strndup(rq->a, path, (size_t)(dot - path)));
	return e == ENTITY_NONE ? NULL : catalogue_find(rq->catalogue, e, dot + 1);
}

static const char *
field_key(const struct request *rq, const struct field *f)
{
	return arena_printf(rq->a, "field|%s.%s", entity_name(f->entity), f->name);
}

static void
add_field(const struct request *rq, const struct field *f, struct json_object *o)
{
	struct json_object *list;

	model_text(o, "id", arena_printf(rq->a, "%s.%s", entity_name(f->entity), f->name));
	model_text(o, "entity", entity_name(f->entity));
	model_text(o, "name", f->name);
	model_text(o, "type", field_type_name(f->type));
	model_text(o, "label_en", f->label_en);
	model_text(o, "label_zh", f->label_zh);
	model_bool(o, "pii", field_is_personal(f));
	model_text(o, "category", f->category);
	model_text(o, "purpose", f->purpose);
	model_text(o, "justification", f->justification);
	model_bool(o, "sealed", f->sealed);
	model_bool(o, "enabled", f->enabled);
	model_bool(o, "builtin", f->builtin);
	model_bool(o, "required", f->required);
	model_bool(o, "listed", f->listed);
	model_text(o, "state", f->state);
	model_i64(o, "version", f->version);
	if (f->nchoices == 0)
		return;
	list = model_list(o, "choices");
	for (size_t i = 0; i < f->nchoices; i++) {
		struct json_object *c = model_item(list);

		model_text(c, "value", f->choices[i].value);
		model_text(c, "label_en", f->choices[i].label_en);
		model_text(c, "label_zh", f->choices[i].label_zh);
	}
}

static bool
manages(const struct request *rq)
{
	return principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_FIELDS);
}

static bool
shown_to(const struct request *rq, const struct field *f)
{
	return manages(rq) || (field_is_live(f) && field_level(rq->principal, f) != LEVEL_HIDDEN);
}

static struct err *
api_list(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");

	for (size_t i = 0; i < rq->catalogue->n; i++)
		if (shown_to(rq, &rq->catalogue->fields[i]))
			add_field(rq, &rq->catalogue->fields[i], model_item(items));
	model_null(response_data(rp), "next");
	return NULL;
}

static struct err *
api_read(struct request *rq, struct response *rp)
{
	const struct field *f = field_of(rq);

	if (f == NULL || !shown_to(rq, f))
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	add_field(rq, f, response_data(rp));
	return NULL;
}

static void
log_setting(struct request *rq, const char *entity, const char *name, const char *what)
{
	struct audit_event ev = {.action = "setting", .entity = entity, .reason = what};
	const char **names = ARENA_NEW(rq->a, const char *);

	names[0] = name;
	ev.fields = names;
	ev.nfields = 1;
	audit_queue(rq->tx, rq->a, &ev);
}

/* column: for field_seal, else NULL. */
static struct err *
start_job(struct request *rq, struct response *rp, const char *kind, const char *entity,
	const char *name, const char *column)
{
	struct json_object *args = model_object(rq->a);
	int64_t job;

	model_text(args, "entity", entity);
	model_text(args, "field", name);
	if (column != NULL)
		model_text(args, "column", column);
	TRY(job_enqueue(rq->tx, rq->a, kind, args, arena_printf(rq->a, "field|%s.%s", entity, name),
		rq->principal->user_id, &job));
	rp->status = 202;
	model_i64(response_data(rp), "job", job);
	if (rq->api)
		response_go(rp, rq, "/jobs/%lld", (long long)job);
	else
		response_go(rp, rq, "/settings/fields");
	return NULL;
}

static struct err *
create_field(struct request *rq, struct response *rp)
{
	struct field_wanted w;
	struct rows *count;
	struct err *e = field_wanted_read(rq, &w);

	if (e != NULL && !rq->api) {
		response_errors(rp, rq, e);
		return field_new_page(rq, rp);
	}
	if (e != NULL)
		return e;
	TRY(tx_query(rq->tx, &count_fields, VALS(val_text(entity_name(w.entity))), &count));
	if (rows_i64(count, 0, 0) >= FIELDS_MAX)
		return err_new(rq->a, ERR_CONFLICT, "error.too_many_fields");
	TRY(tx_query(rq->tx, &insert_field,
		VALS(val_text(entity_name(w.entity)), val_text(w.name), val_text(w.type),
			val_text(w.label_en), val_text(w.label_zh), val_text(w.category),
			val_text(w.purpose), val_text(w.justification),
			val_bool(request_bool(rq, "sealed", false)), val_text(w.choices),
			val_bool(request_bool(rq, "listed", false)),
			val_i64(rq->principal->user_id)),
		NULL));
	log_setting(rq, entity_name(w.entity), w.name, "field_added");
	response_flash(rp, "flash.field_adding");
	return start_job(rq, rp, "field_add", entity_name(w.entity), w.name, NULL);
}

static struct val
optional_bool(const struct request *rq, const char *name)
{
	return request_value(rq, name) != NULL ? val_bool(request_bool(rq, name, false)) : NO_VAL;
}

/* Sent as nothing: emptied. Not sent: left. */
static struct val
optional_text(struct request *rq, const char *name)
{
	const char *text = request_text(rq, name);

	if (!request_has(rq, name))
		return NO_VAL;
	text = text != NULL ? text_clean(rq->a, text, true) : NULL;
	return val_text(text != NULL ? text : "");
}

/* What a change of a field is checked against: the row, locked. */
struct patch {
	const struct field *f;
	const char *entity;
	const struct rows *row;
	int64_t version;
	const char *label_en, *label_zh, *category;
	struct val purpose, justification;
	bool reseal;
};

/* An HKID number may be collected on a ground of the Code of Practice (para.
 * 2.3) only, so switching the field on needs one in writing. */
static bool
lacks_ground(struct request *rq, const struct patch *p)
{
	bool on = request_bool(rq, "enabled", p->f->enabled);
	const char *ground = p->justification.kind == VAL_NULL ? rows_text(p->row, 0, 4)
							       : p->justification.u.text;

	return on && strcmp(rows_text(p->row, 0, 3), "hkid") == 0 && *ground == '\0';
}

static struct err *
read_patch(struct request *rq, struct patch *p)
{
	struct rows *row;
	struct err *e = NULL;

	p->entity = entity_name(p->f->entity);
	p->category = field_category_read(rq, &e);
	p->label_en = field_label_read(rq, "label_en", &e);
	p->label_zh = field_label_read(rq, "label_zh", &e);
	p->purpose = optional_text(rq, "purpose");
	/* The form shows the word for a code of ours; left as it was, the code stays. */
	if (!rq->api && p->purpose.kind == VAL_TEXT &&
		strcmp(p->purpose.u.text, say_word(rq, "fields.purpose_word", p->f->purpose)) == 0)
		p->purpose = NO_VAL;
	p->justification = optional_text(rq, "justification");
	TRY(tx_query(rq->tx, &read_field, VALS(val_text(p->entity), val_text(p->f->name)), &row));
	if (rows_count(row) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	p->row = row;
	p->version = rows_i64(row, 0, 0);
	if (request_header(rq, "If-Match") != NULL || !rq->api)
		TRY(request_version(rq, &p->version));
	if (p->version != rows_i64(row, 0, 0))
		return err_new(rq->a, ERR_STALE, NULL);
	if (lacks_ground(rq, p))
		err_add_field(rq->a, &e, "justification", "error.ground", NULL);
	p->reseal = request_value(rq, "sealed") != NULL &&
		    request_bool(rq, "sealed", false) != rows_bool(row, 0, 1);
	/* Built-in fields stay as they ship: search and indexes are laid out for it. */
	if (p->reseal && (p->f->entity != ENTITY_CONTACT || p->f->builtin))
		err_add_field(rq->a, &e, "sealed", "error.read_only", NULL);
	if (e == NULL && strcmp(rows_text(row, 0, 2), "live") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.field_busy");
	return e;
}

/* The catalogue in hand is of before the change. */
static void
answer_patch(struct request *rq, struct response *rp, const struct patch *p)
{
	struct field f = *p->f;

	f.label_en = p->label_en != NULL ? p->label_en : f.label_en;
	f.label_zh = p->label_zh != NULL ? p->label_zh : f.label_zh;
	f.category = p->category != NULL ? p->category : f.category;
	if (p->purpose.kind == VAL_TEXT)
		f.purpose = p->purpose.u.text;
	if (p->justification.kind == VAL_TEXT)
		f.justification = p->justification.u.text;
	f.enabled = request_bool(rq, "enabled", f.enabled);
	f.listed = request_bool(rq, "listed", f.listed);
	f.version = p->version + 1;
	add_field(rq, &f, response_data(rp));
}

static struct err *
update_field(struct request *rq, struct response *rp)
{
	struct patch p = {.f = field_of(rq)};
	struct err *e;

	if (p.f == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	e = read_patch(rq, &p);
	if (e != NULL && e->kind == ERR_INVALID && !rq->api) {
		response_errors(rp, rq, e);
		return field_edit_page(rq, rp);
	}
	if (e != NULL)
		return e;
	TRY(tx_query(rq->tx, &patch_field,
		VALS(val_text(p.entity), val_text(p.f->name), val_i64(p.version),
			val_text(p.label_en), val_text(p.label_zh), val_text(p.category), p.purpose,
			p.justification, optional_bool(rq, "enabled"), optional_bool(rq, "listed"),
			request_value(rq, "position") != NULL
				? val_i64(request_i64(rq, "position", 0))
				: NO_VAL,
			val_text(!p.reseal     ? NULL
				 : p.f->sealed ? "unsealing"
					       : "sealing")),
		NULL));
	log_setting(rq, p.entity, p.f->name, "field_changed");
	if (p.reseal)
		return start_job(rq, rp, "field_seal", p.entity, p.f->name,
			column_next(rq->a, p.f, p.version + 1));
	response_flash(rp, "flash.saved");
	if (rq->api)
		answer_patch(rq, rp, &p);
	else
		response_go(rp, rq, "/settings/fields");
	return NULL;
}

static struct err *
delete_field(struct request *rq, struct response *rp)
{
	const struct field *f = field_of(rq);
	const char *confirm = request_text(rq, "confirm");
	struct err *e = NULL;
	struct rows *job;

	if (f == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (f->builtin)
		return err_new(rq->a, ERR_CONFLICT, "error.builtin_field");
	if (confirm == NULL || strcmp(confirm, rq->path_args[0]) != 0) {
		err_add_field(rq->a, &e, "confirm", "error.confirm", NULL);
		if (rq->api)
			return e;
		response_errors(rp, rq, e);
		return field_edit_page(rq, rp);
	}
	/* A job that failed for good leaves its field in between: it can go as well. */
	TRY(tx_query(rq->tx, &field_job, VALS(val_text(field_key(rq, f))), &job));
	if (rows_count(job) > 0)
		return err_new(rq->a, ERR_CONFLICT, "error.field_busy");
	TRY(tx_query(rq->tx, &drop_field, VALS(val_text(entity_name(f->entity)), val_text(f->name)),
		NULL));
	log_setting(rq, entity_name(f->entity), f->name, "field_removed");
	response_flash(rp, "flash.field_dropping");
	return start_job(rq, rp, "field_drop", entity_name(f->entity), f->name, NULL);
}
static const struct param field_params[] = {
	{"entity", P_TEXT, IN_BODY, 0, 40, true},
	{"name", P_TEXT, IN_BODY, 0, 60, true},
	{"type", P_TEXT, IN_BODY, 0, 40, true},
	{"label_en", P_TEXT, IN_BODY, 0, 80, true},
	{"label_zh", P_TEXT, IN_BODY, 0, 80, false},
	{"pii", P_JSON, IN_BODY, 0, 0, false},
	{"category", P_TEXT, IN_BODY, 0, 40, false},
	{"purpose", P_TEXT, IN_BODY, 0, 300, false},
	{"justification", P_LONG, IN_BODY, 0, 500, false},
	{"sealed", P_BOOL, IN_BODY, 0, 0, false},
	{"listed", P_BOOL, IN_BODY, 0, 0, false},
	{"choices", P_JSON, IN_BODY, 0, 0, false},
	PARAM_END,
};
/* A form that lacks something is shown again, so the handler looks itself; choices
 * are lines of a text area. */
static const struct param form_params[] = {
	{"entity", P_TEXT, IN_BODY, 0, 40, false},
	{"name", P_TEXT, IN_BODY, 0, 60, false},
	{"type", P_TEXT, IN_BODY, 0, 40, false},
	{"label_en", P_TEXT, IN_BODY, 0, 200, false},
	{"label_zh", P_TEXT, IN_BODY, 0, 200, false},
	{"category", P_TEXT, IN_BODY, 0, 40, false},
	{"purpose", P_TEXT, IN_BODY, 0, 300, false},
	{"justification", P_LONG, IN_BODY, 0, 500, false},
	{"sealed", P_BOOL, IN_BODY, 0, 0, false},
	{"listed", P_BOOL, IN_BODY, 0, 0, false},
	{"choices", P_LONG, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param patch_params[] = {
	{"label_en", P_TEXT, IN_BODY, 1, 80, false},
	{"label_zh", P_TEXT, IN_BODY, 1, 80, false},
	{"pii", P_JSON, IN_BODY, 0, 0, false},
	{"category", P_TEXT, IN_BODY, 0, 40, false},
	{"purpose", P_TEXT, IN_BODY, 0, 300, false},
	{"justification", P_LONG, IN_BODY, 0, 500, false},
	{"sealed", P_BOOL, IN_BODY, 0, 0, false},
	{"enabled", P_BOOL, IN_BODY, 0, 0, false},
	{"listed", P_BOOL, IN_BODY, 0, 0, false},
	{"position", P_I64, IN_BODY, 0, 1000000, false},
	PARAM_END,
};
static const struct param drop_params[] = {
	{"confirm", P_TEXT, IN_BOTH, 0, 100, true},
	PARAM_END,
};
const struct route field_routes[] = {
	ROUTE(READ, GET, "/fields", ON_API, "", RIGHT_SELF, "", api_list, NULL, NULL, "",
		"field.list"),
	ROUTE(WRITE, POST, "/fields", ON_API, "", RIGHT_MANAGE_FIELDS, "setting", create_field,
		field_params, NULL, "", "field.create"),
	ROUTE(READ, GET, "/fields/{token}", ON_API, "", RIGHT_SELF, "", api_read, NULL, NULL, "",
		"field.read"),
	ROUTE(WRITE, PATCH, "/fields/{token}", ON_API, "", RIGHT_MANAGE_FIELDS, "setting",
		update_field, patch_params, NULL, "", "field.update"),
	ROUTE(WRITE, DELETE, "/fields/{token}", ON_API, "", RIGHT_MANAGE_FIELDS, "setting",
		delete_field, drop_params, NULL, "", "field.delete"),
	ROUTE(READ, GET, "/settings/fields", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "", field_list_page,
		NULL, NULL, "settings/fields", "settings.fields"),
	ROUTE(READ, GET, "/settings/fields/new", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "",
		field_new_page, NULL, NULL, "record/form", "settings.field_new"),
	ROUTE(WRITE, POST, "/settings/fields", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "setting",
		create_field, form_params, NULL, "record/form", "settings.field_create"),
	ROUTE(READ, GET, "/settings/fields/{token}", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "",
		field_edit_page, NULL, NULL, "settings/field", "settings.field"),
	ROUTE(CHANGE, POST, "/settings/fields/{token}", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "setting",
		update_field, patch_params, NULL, "settings/field", "settings.field_save"),
	ROUTE(WRITE, POST, "/settings/fields/{token}/remove", ON_PAGE, "", RIGHT_MANAGE_FIELDS,
		"setting", delete_field, drop_params, NULL, "settings/field",
		"settings.field_remove"),
	ROUTE_END,
};
