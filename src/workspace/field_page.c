/* SPDX-License-Identifier: ISC */
/* The catalogue of fields: what is collected, of which kind, for what, how protected. */
#include "workspace.h"

#include <string.h>

#include "event.h"
#include "job.h"
#include "text.h"
#include "utf8.h"

#define FIELDS_MAX 200

STMT(insert_field, "field.insert", 12,
	"insert into field (entity, name, column_name, type, label_en, label_zh, category, purpose, "
	"justification, sealed, choices, listed, state, created_by) "
	"select $1, $2, 'cf_' || currval('field_field_id_seq'), $3, $4, $5, $6, $7, $8, $9::boolean, "
	"$10::jsonb, $11::boolean, 'adding', $12::bigint "
	"from (select nextval('field_field_id_seq')) n");
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
	"select field_id, version, sealed, enabled, builtin, state, type, justification "
	"from field where entity = $1 and name = $2 for update");
STMT(drop_field, "field.drop", 2,
	"update field set state = 'dropping', enabled = false, version = version + 1 "
	"where entity = $1 and name = $2");

static const char *const new_types[] = {"text", "long_text", "number", "date", "choice", "boolean",
	"email", "phone", "url", NULL};
static const char *const categories[] = {"none", "identity", "contact", "government_id",
	"financial", "demographic", "employment", "preference", "opinion", "correspondence", "health",
	"other", NULL};

static bool
one_of(const char *const *list, const char *s)
{
	for (; s != NULL && *list != NULL; list++)
		if (strcmp(*list, s) == 0)
			return true;
	return false;
}

/* "contact.hkid" of the path. */
static const struct field *
field_of(const struct request *rq)
{
	const char *path = rq->path_args[0], *dot = strchr(path, '.');
	enum entity e;

	if (dot == NULL)
		return NULL;
	e = entity_parse(arena_strndup(rq->a, path, (size_t)(dot - path)));
	return e == ENTITY_NONE ? NULL : catalogue_find(rq->catalogue, e, dot + 1);
}

static void
add_field(const struct request *rq, const struct field *f, struct json_object *o)
{
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
	if (f->nchoices > 0) {
		struct json_object *list = model_list(o, "choices");

		for (size_t i = 0; i < f->nchoices; i++) {
			struct json_object *c = model_item(list);

			model_text(c, "value", f->choices[i].value);
			model_text(c, "label_en", f->choices[i].label_en);
			model_text(c, "label_zh", f->choices[i].label_zh);
		}
	}
}

/* Words a page needs: in the reader's language. */
static void
add_field_words(const struct request *rq, const struct field *f, struct json_object *o)
{
	enum lang l = request_lang(rq);

	model_text(o, "label", field_label(f, l));
	model_text(o, "type_label",
		view_text(rq->a, l, arena_printf(rq->a, "field.type.%s", field_type_name(f->type)), NULL));
	model_text(o, "category_label",
		view_text(rq->a, l, arena_printf(rq->a, "field.category.%s", f->category), NULL));
	model_text(o, "entity_label",
		view_text(rq->a, l, arena_printf(rq->a, "entity.%s.one", entity_name(f->entity)), NULL));
}

static void
add_options(const struct request *rq, struct json_object *o, const char *name,
	const char *const *values, const char *prefix)
{
	struct json_object *list = model_list(o, name);

	for (; *values != NULL; values++) {
		struct json_object *item = model_item(list);

		model_text(item, "value", *values);
		model_text(item, "label",
			view_text(rq->a, request_lang(rq), arena_printf(rq->a, "%s.%s", prefix, *values), NULL));
	}
}

static struct err *
list_fields(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");
	bool manager = principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_FIELDS);

	for (size_t i = 0; i < rq->catalogue->n; i++) {
		const struct field *f = &rq->catalogue->fields[i];
		struct json_object *o;

		if (!manager && (!field_is_live(f) ||
					principal_level(rq->principal, f->entity, f->name) == LEVEL_HIDDEN))
			continue;
		o = model_item(items);
		add_field(rq, f, o);
		if (!rq->api)
			add_field_words(rq, f, o);
	}
	model_null(response_data(rp), "next");
	if (!rq->api) {
		add_options(rq, response_page(rp), "types", new_types, "field.type");
		add_options(rq, response_page(rp), "categories", categories, "field.category");
	}
	return NULL;
}

static struct err *
read_field_page(struct request *rq, struct response *rp)
{
	const struct field *f = field_of(rq);

	if (f == NULL || (!principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_FIELDS) &&
				 principal_level(rq->principal, f->entity, f->name) == LEVEL_HIDDEN))
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	add_field(rq, f, response_data(rp));
	if (!rq->api) {
		add_field_words(rq, f, response_data(rp));
		add_options(rq, response_page(rp), "categories", categories, "field.category");
	}
	return NULL;
}

/* pii: true, false, or the category itself. */
static const char *
category_of(struct request *rq, struct err **e)
{
	struct json_object *v = request_value(rq, "pii");
	const char *category = request_text(rq, "category");

	if (category == NULL && v != NULL && json_object_is_type(v, json_type_boolean))
		return json_object_get_boolean(v) ? "other" : "none";
	if (category == NULL && v != NULL && json_object_is_type(v, json_type_string)) {
		category = json_object_get_string(v);
		if (strcmp(category, "true") == 0 || strcmp(category, "1") == 0)
			return "other";
		if (strcmp(category, "false") == 0 || strcmp(category, "0") == 0)
			return "none";
	}
	if (category != NULL && !one_of(categories, category))
		err_add_field(rq->a, e, request_has(rq, "category") ? "category" : "pii", "error.choice", NULL);
	return category;
}

static bool
name_ok(const char *s)
{
	size_t n = strlen(s);

	return n >= 2 && n <= 40 && s[0] >= 'a' && s[0] <= 'z' &&
		strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* ["red","blue"], [{value,label_en,label_zh}] or lines of text: into the stored form. */
static const char *
parse_choices(struct request *rq, struct err **e)
{
	struct json_object *in = request_value(rq, "choices"), *out = model_own(rq->a, json_object_new_array());
	const char *text;

	if (in != NULL && json_object_is_type(in, json_type_string)) {
		struct json_object *lines = model_own(rq->a, json_object_new_array());
		char *copy = arena_strdup(rq->a, json_object_get_string(in)), *save = NULL;

		for (char *s = strtok_r(copy, "\r\n", &save); s != NULL; s = strtok_r(NULL, "\r\n", &save))
			json_object_array_add(lines, json_object_new_string(s));
		in = lines;
	}
	if (in == NULL || !json_object_is_type(in, json_type_array) ||
		json_object_array_length(in) < 1 || json_object_array_length(in) > 100) {
		err_add_field(rq->a, e, "choices", "error.required", NULL);
		return NULL;
	}
	for (size_t i = 0; i < json_object_array_length(in); i++) {
		struct json_object *v = json_object_array_get_idx(in, i), *o = model_item(out), *x;
		bool object = json_object_is_type(v, json_type_object);
		const char *value = object ? json_object_get_string(json_object_object_get(v, "value")) :
					     json_object_get_string(v);

		value = value != NULL ? text_clean(rq->a, value, false) : NULL;
		if (value == NULL || utf8_length(value) > 60) {
			err_add_field(rq->a, e, "choices", "error.too_long", "60");
			return NULL;
		}
		model_text(o, "value", value);
		text = object && json_object_object_get_ex(v, "label_en", &x) ? json_object_get_string(x) : value;
		model_text(o, "label_en", text);
		text = object && json_object_object_get_ex(v, "label_zh", &x) ? json_object_get_string(x) : text;
		model_text(o, "label_zh", text);
	}
	return json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN);
}

struct wanted {
	enum entity entity;
	const char *name, *type, *label_en, *label_zh, *category, *choices;
};

static struct err *
read_wanted(struct request *rq, struct wanted *w)
{
	struct err *e = NULL;

	w->entity = entity_parse(request_text(rq, "entity"));
	w->name = request_text(rq, "name");
	w->type = request_text(rq, "type");
	w->label_en = text_clean(rq->a, request_text(rq, "label_en"), false);
	w->label_zh = request_text(rq, "label_zh") != NULL ?
		text_clean(rq->a, request_text(rq, "label_zh"), false) : NULL;
	if (w->entity != ENTITY_CONTACT && w->entity != ENTITY_COMPANY)
		err_add_field(rq->a, &e, "entity", "error.choice", NULL);
	if (!name_ok(w->name) || strncmp(w->name, "cf_", 3) == 0)
		err_add_field(rq->a, &e, "name", "error.field_name", NULL);
	else if (w->entity != ENTITY_NONE && catalogue_find(rq->catalogue, w->entity, w->name) != NULL)
		err_add_field(rq->a, &e, "name", "error.taken", NULL);
	if (!one_of(new_types, w->type))
		err_add_field(rq->a, &e, "type", "error.choice", NULL);
	if (w->label_en == NULL)
		err_add_field(rq->a, &e, "label_en", "error.required", NULL);
	if (w->label_zh == NULL)
		w->label_zh = w->label_en;
	w->category = category_of(rq, &e);
	/* Nobody said: then it is treated as personal data, the strict way. */
	if (w->category == NULL)
		w->category = "other";
	if (strcmp(w->category, "none") != 0 && w->entity == ENTITY_CONTACT &&
		(request_text(rq, "purpose") == NULL || *request_text(rq, "purpose") == '\0'))
		err_add_field(rq->a, &e, "purpose", "error.required", NULL);
	if (request_bool(rq, "sealed", false) && w->entity != ENTITY_CONTACT)
		err_add_field(rq->a, &e, "sealed", "error.choice", NULL);
	w->choices = strcmp(w->type, "choice") == 0 ? parse_choices(rq, &e) : NULL;
	return e;
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

static struct err *
start_job(struct request *rq, struct response *rp, const char *kind, const char *entity,
	const char *name)
{
	struct json_object *args = model_object(rq->a);
	int64_t job;

	model_text(args, "entity", entity);
	model_text(args, "field", name);
	TRY(job_enqueue(rq->tx, rq->a, kind, args, arena_printf(rq->a, "field|%s.%s", entity, name),
		rq->principal->user_id, &job));
	rp->status = 202;
	model_i64(response_data(rp), "job", job);
	response_go(rp, rq, rq->api ? "/jobs/%lld" : "/settings/fields?job=%lld", (long long)job);
	return NULL;
}

static struct err *
create_field(struct request *rq, struct response *rp)
{
	const char *purpose = request_text(rq, "purpose"), *why = request_text(rq, "justification");
	struct wanted w;
	struct rows *count;
	struct err *e = read_wanted(rq, &w);

	if (e != NULL && !rq->api) {
		response_errors(rp, rq, e);
		return list_fields(rq, rp);
	}
	if (e != NULL)
		return e;
	TRY(tx_query(rq->tx, &count_fields, VALS(val_text(entity_name(w.entity))), &count));
	if (rows_i64(count, 0, 0) >= FIELDS_MAX)
		return err_new(rq->a, ERR_CONFLICT, "error.too_many_fields");
	TRY(tx_query(rq->tx, &insert_field,
		VALS(val_text(entity_name(w.entity)), val_text(w.name), val_text(w.type),
			val_text(w.label_en), val_text(w.label_zh), val_text(w.category),
			val_text(purpose != NULL ? purpose : ""), val_text(why != NULL ? why : ""),
			val_bool(request_bool(rq, "sealed", false)), val_text(w.choices),
			val_bool(request_bool(rq, "listed", false)), val_i64(rq->principal->user_id)),
		NULL));
	log_setting(rq, entity_name(w.entity), w.name, "field_added");
	response_flash(rp, "flash.field_adding");
	return start_job(rq, rp, "field_add", entity_name(w.entity), w.name);
}

static struct val
optional_bool(const struct request *rq, const char *name)
{
	return request_value(rq, name) != NULL ? val_bool(request_bool(rq, name, false)) : NO_VAL;
}

/* An HKID number may be collected on a ground of the Code of Practice (para.
 * 2.3) only, so switching the field on needs one in writing. */
static bool
lacks_ground(struct request *rq, const struct rows *row)
{
	const char *ground = request_text(rq, "justification");

	if (ground == NULL || *ground == '\0')
		ground = rows_text(row, 0, 7);
	return request_bool(rq, "enabled", false) && strcmp(rows_text(row, 0, 6), "hkid") == 0 &&
		(ground == NULL || *ground == '\0');
}

static struct err *
update_field(struct request *rq, struct response *rp)
{
	const struct field *f = field_of(rq);
	const char *entity, *category;
	struct rows *row, *done;
	int64_t version;
	bool reseal;
	struct err *e = NULL;

	if (f == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	entity = entity_name(f->entity);
	category = category_of(rq, &e);
	TRY(tx_query(rq->tx, &read_field, VALS(val_text(entity), val_text(f->name)), &row));
	if (rows_count(row) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	version = rows_i64(row, 0, 1);
	if (request_header(rq, "If-Match") != NULL || !rq->api)
		TRY(request_version(rq, &version));
	if (version != rows_i64(row, 0, 1))
		return err_new(rq->a, ERR_STALE, NULL);
	if (lacks_ground(rq, row))
		err_add_field(rq->a, &e, "justification", "error.ground", NULL);
	reseal = request_value(rq, "sealed") != NULL &&
		request_bool(rq, "sealed", false) != rows_bool(row, 0, 2);
	/* Built-in fields stay as they ship: search and indexes are laid out for it. */
	if (reseal && (f->entity != ENTITY_CONTACT || f->builtin))
		err_add_field(rq->a, &e, "sealed", "error.read_only", NULL);
	if (e != NULL)
		return e;
	if (strcmp(rows_text(row, 0, 5), "live") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.field_busy");
	TRY(tx_query(rq->tx, &patch_field,
		VALS(val_text(entity), val_text(f->name), val_i64(version),
			val_text(request_text(rq, "label_en")), val_text(request_text(rq, "label_zh")),
			val_text(category), val_text(request_text(rq, "purpose")),
			val_text(request_text(rq, "justification")), optional_bool(rq, "enabled"),
			optional_bool(rq, "listed"),
			request_value(rq, "position") != NULL ? val_i64(request_i64(rq, "position", 0)) : NO_VAL,
			val_text(!reseal ? NULL : f->sealed ? "unsealing" : "sealing")),
		&done));
	log_setting(rq, entity, f->name, "field_changed");
	if (reseal)
		return start_job(rq, rp, "field_seal", entity, f->name);
	response_flash(rp, "flash.saved");
	response_go(rp, rq, rq->api ? "/fields/%s" : "/settings/fields", rq->path_args[0]);
	add_field(rq, f, response_data(rp));
	/* The catalogue in hand is of before the change. */
	if (request_value(rq, "enabled") != NULL)
		model_bool(response_data(rp), "enabled", request_bool(rq, "enabled", false));
	if (category != NULL) {
		model_text(response_data(rp), "category", category);
		model_bool(response_data(rp), "pii", strcmp(category, "none") != 0);
	}
	static const char *const texts[] = {"label_en", "label_zh", "purpose", "justification", NULL};
	for (const char *const *t = texts; *t != NULL; t++)
		if (request_text(rq, *t) != NULL)
			model_text(response_data(rp), *t, request_text(rq, *t));
	model_i64(response_data(rp), "version", version + 1);
	return NULL;
}

static struct err *
delete_field(struct request *rq, struct response *rp)
{
	const struct field *f = field_of(rq);
	const char *confirm = request_text(rq, "confirm");
	struct err *e = NULL;

	if (f == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (f->builtin)
		return err_new(rq->a, ERR_CONFLICT, "error.builtin_field");
	if (confirm == NULL || strcmp(confirm, rq->path_args[0]) != 0) {
		err_add_field(rq->a, &e, "confirm", "error.confirm", NULL);
		return e;
	}
	TRY(tx_query(rq->tx, &drop_field, VALS(val_text(entity_name(f->entity)), val_text(f->name)), NULL));
	log_setting(rq, entity_name(f->entity), f->name, "field_removed");
	response_flash(rp, "flash.field_dropping");
	return start_job(rq, rp, "field_drop", entity_name(f->entity), f->name);
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
	{"justification", P_TEXT, IN_BODY, 0, 500, false},
	{"sealed", P_BOOL, IN_BODY, 0, 0, false},
	{"listed", P_BOOL, IN_BODY, 0, 0, false},
	{"choices", P_JSON, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param patch_params[] = {
	{"label_en", P_TEXT, IN_BODY, 1, 80, false},
	{"label_zh", P_TEXT, IN_BODY, 1, 80, false},
	{"pii", P_JSON, IN_BODY, 0, 0, false},
	{"category", P_TEXT, IN_BODY, 0, 40, false},
	{"purpose", P_TEXT, IN_BODY, 0, 300, false},
	{"justification", P_TEXT, IN_BODY, 0, 500, false},
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
static const struct param page_params[] = {
	{"job", P_I64, IN_QUERY, 1, 0, false},
	PARAM_END,
};

const struct route field_routes[] = {
	ROUTE(READ, GET, "/fields", ON_API, "", RIGHT_SELF, "", list_fields, NULL, NULL, "", "field.list"),
	ROUTE(WRITE, POST, "/fields", ON_API, "", RIGHT_MANAGE_FIELDS, "setting", create_field,
		field_params, NULL, "", "field.create"),
	ROUTE(READ, GET, "/fields/{token}", ON_API, "", RIGHT_SELF, "", read_field_page, NULL, NULL, "",
		"field.read"),
	ROUTE(WRITE, PATCH, "/fields/{token}", ON_API, "", RIGHT_MANAGE_FIELDS, "setting",
		update_field, patch_params, NULL, "", "field.update"),
	ROUTE(WRITE, DELETE, "/fields/{token}", ON_API, "", RIGHT_MANAGE_FIELDS, "setting",
		delete_field, drop_params, NULL, "", "field.delete"),
	ROUTE(READ, GET, "/settings/fields", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "", list_fields,
		page_params, NULL, "settings/fields", "settings.fields"),
	ROUTE(WRITE, POST, "/settings/fields", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "setting",
		create_field, field_params, NULL, "settings/fields", "settings.field_create"),
	ROUTE(READ, GET, "/settings/fields/{token}", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "",
		read_field_page, NULL, NULL, "settings/field", "settings.field"),
	ROUTE(WRITE, POST, "/settings/fields/{token}", ON_PAGE, "", RIGHT_MANAGE_FIELDS, "setting",
		update_field, patch_params, NULL, "settings/field", "settings.field_save"),
	ROUTE(WRITE, POST, "/settings/fields/{token}/remove", ON_PAGE, "", RIGHT_MANAGE_FIELDS,
		"setting", delete_field, drop_params, NULL, "settings/field", "settings.field_remove"),
	ROUTE_END,
};
