/* SPDX-License-Identifier: ISC */
#include "openapi.h"

#include <string.h>

#include "catalogue.h"
#include "params.h"
#include "view.h"

#define TEXT_MAX 200

STMT(fields, "openapi.fields", 0,
	"select entity, name, type, writable, sealed, max_length, choices::text "
	"from field where builtin order by entity, field_id");

void
openapi_ref(struct arena *a, struct json_object *o, const char *part, const char *name)
{
	model_text(o, "$ref", arena_printf(a, "#/components/%s/%s", part, name));
}

const char *
openapi_entity(struct arena *a, enum entity e)
{
	char *s = arena_strdup(a, entity_name(e));

	s[0] = (char)(s[0] - 'a' + 'A');
	return s;
}

const char *
openapi_text(struct arena *a, const char *key)
{
	return view_text(a, LANG_EN, key, NULL);
}

static void
range(struct json_object *o, const char *min_name, int64_t min, const char *max_name, int64_t max)
{
	if (min > 0)
		model_i64(o, min_name, min);
	if (max > 0)
		model_i64(o, max_name, max);
}

static void
list_of(struct json_object *o, const struct param *p)
{
	struct json_object *items = model_child(o, "items");

	model_text(o, "type", "array");
	model_i64(o, "maxItems", param_max(p));
	if (p->type == P_I64S) {
		model_text(items, "type", "integer");
		model_i64(items, "minimum", p->min);
	} else {
		model_text(items, "type", "string");
		model_i64(items, "maxLength", TEXT_MAX);
	}
}

void
openapi_param(struct json_object *o, const struct param *p)
{
	switch (p->type) {
	case P_TEXT:
	case P_LONG:
		model_text(o, "type", "string");
		range(o, "minLength", p->min, "maxLength", param_max(p));
		break;
	case P_I64:
		model_text(o, "type", "integer");
		model_i64(o, "minimum", p->min);
		range(o, "", 0, "maximum", p->max);
		break;
	case P_BOOL:
		model_text(o, "type", "boolean");
		break;
	case P_DATE:
		model_text(o, "type", "string");
		model_text(o, "format", "date");
		break;
	case P_TEXTS:
	case P_I64S:
		list_of(o, p);
		break;
	case P_JSON:
		break;
	case P_FILE:
		model_text(o, "type", "string");
		model_text(o, "contentMediaType", "application/octet-stream");
		break;
	case P_FILTERS:
		model_text(o, "type", "object");
		model_i64(o, "maxProperties", param_max(p));
		model_text(model_child(o, "additionalProperties"), "type", "string");
		break;
	}
}

/* "type": ["string", "null"] */
static void
nullable(struct json_object *o, const char *type, const char *also)
{
	struct json_object *list = model_list(o, "type");

	model_push_text(list, type);
	if (also != NULL)
		model_push_text(list, also);
	model_push_text(list, "null");
}

static void
add_choices(struct json_object *o, const char *text)
{
	struct json_object *all = text != NULL ? json_tokener_parse(text) : NULL,
			   *list = model_list(o, "enum");

	for (size_t i = 0; all != NULL && i < json_object_array_length(all); i++)
		model_push_text(list, json_object_get_string(json_object_object_get(
					      json_object_array_get_idx(all, i), "value")));
	json_object_array_add(list, NULL);
	json_object_put(all);
}

static void
money_schema(struct arena *a, struct json_object *o, bool masked)
{
	struct json_object *any = model_list(o, "anyOf");

	openapi_ref(a, model_item(any), "schemas", "Money");
	if (masked)
		model_text(model_item(any), "type", "string");
	model_text(model_item(any), "type", "null");
}

/* What the API shows and takes of a field. Encrypted ones show as a mask, a text. */
static void
field_schema(struct arena *a, struct json_object *o, const struct rows *r, size_t i, bool reading)
{
	enum field_type t = field_type_parse(rows_text(r, i, 2));
	bool masked = reading && rows_bool(r, i, 4);
	const char *text = masked ? "string" : NULL;

	switch (t) {
	case FIELD_MONEY:
		money_schema(a, o, masked);
		break;
	case FIELD_NUMBER:
		nullable(o, "number", text);
		break;
	case FIELD_BOOLEAN:
		nullable(o, "boolean", text);
		break;
	case FIELD_SIZE:
	case FIELD_USER:
	case FIELD_TEAM:
	case FIELD_COMPANY:
	case FIELD_CONTACT:
		nullable(o, "integer", text);
		break;
	case FIELD_TAGS:
		nullable(o, "array", text);
		model_text(model_child(o, "items"), "type", "string");
		break;
	default:
		nullable(o, "string", NULL);
		if (!rows_null(r, i, 5) && !masked)
			model_i64(o, "maxLength", rows_i64(r, i, 5));
	}
	if (t == FIELD_CHOICE)
		add_choices(o, rows_text(r, i, 6));
	if (!masked && (t == FIELD_DATE || t == FIELD_TIME || t == FIELD_EMAIL || t == FIELD_URL))
		model_text(o, "format",
			t == FIELD_DATE    ? "date"
			: t == FIELD_TIME  ? "date-time"
			: t == FIELD_EMAIL ? "email"
					   : "uri");
	if (reading && !rows_bool(r, i, 3))
		model_bool(o, "readOnly", true);
}

static void
typed(struct json_object *properties, const char *name, const char *type, const char *format)
{
	struct json_object *o = model_child(properties, name);

	model_text(o, "type", type);
	if (format != NULL)
		model_text(o, "format", format);
	model_bool(o, "readOnly", true);
}

static void
require(struct json_object *o, const char *const *names)
{
	struct json_object *list = model_list(o, "required");

	for (; *names != NULL; names++)
		model_push_text(list, *names);
}

static void
contact_states(struct arena *a, struct json_object *properties)
{
	struct json_object *o;

	typed(properties, "erased", "boolean", NULL);
	typed(properties, "erasing", "boolean", NULL);
	model_text(json_object_object_get(properties, "erasing"), "description",
		openapi_text(a, "api.erasing"));
	o = model_child(properties, "marketing_stopped_at");
	nullable(o, "string", NULL);
	model_text(o, "format", "date-time");
	model_text(o, "description", openapi_text(a, "api.marketing_stopped"));
}

/* A record as it is read: what every record has, and its fields. */
static void
record_schema(struct arena *a, struct json_object *schemas, enum entity e, const struct rows *r)
{
	struct json_object *o = model_child(schemas, openapi_entity(a, e)), *properties, *masked;

	model_text(o, "type", "object");
	model_text(o, "description", openapi_text(a, "api.custom_fields"));
	require(o, (const char *const[]){"id", "version", NULL});
	properties = model_child(o, "properties");
	typed(properties, "id", "integer", NULL);
	for (size_t i = 0; i < rows_count(r); i++)
		if (strcmp(rows_text(r, i, 0), entity_name(e)) == 0)
			field_schema(a, model_child(properties, rows_text(r, i, 1)), r, i, true);
	masked = model_child(properties, "masked");
	model_text(masked, "type", "array");
	model_text(masked, "description", openapi_text(a, "api.masked"));
	model_text(model_child(masked, "items"), "type", "string");
	typed(properties, "version", "integer", NULL);
	typed(properties, "created_at", "string", "date-time");
	typed(properties, "updated_at", "string", "date-time");
	typed(properties, "archived", "boolean", NULL);
	if (e == ENTITY_CONTACT)
		contact_states(a, properties);
	model_bool(o, "additionalProperties", true);
}

/* A record as it is written. */
static void
fields_schema(struct arena *a, struct json_object *schemas, enum entity e, const struct rows *r)
{
	struct json_object *o =
		model_child(schemas, arena_printf(a, "%sFields", openapi_entity(a, e)));
	struct json_object *properties;

	model_text(o, "type", "object");
	model_text(o, "description", openapi_text(a, "api.custom_fields"));
	properties = model_child(o, "properties");
	for (size_t i = 0; i < rows_count(r); i++)
		if (strcmp(rows_text(r, i, 0), entity_name(e)) == 0 && rows_bool(r, i, 3))
			field_schema(a, model_child(properties, rows_text(r, i, 1)), r, i, false);
	model_bool(o, "additionalProperties", true);
}

static void
list_schema(struct arena *a, struct json_object *schemas, enum entity e)
{
	struct json_object *o =
		model_child(schemas, arena_printf(a, "%sList", openapi_entity(a, e)));
	struct json_object *properties, *items, *next;

	model_text(o, "type", "object");
	require(o, (const char *const[]){"items", "next", NULL});
	properties = model_child(o, "properties");
	items = model_child(properties, "items");
	model_text(items, "type", "array");
	openapi_ref(a, model_child(items, "items"), "schemas", openapi_entity(a, e));
	next = model_child(properties, "next");
	nullable(next, "string", NULL);
	model_text(next, "description", openapi_text(a, "api.cursor"));
}

/* RFC 9457 */
static void
problem_schema(struct json_object *schemas)
{
	struct json_object *o = model_child(schemas, "Problem"), *properties, *errors;

	model_text(o, "type", "object");
	require(o, (const char *const[]){"type", "title", "status", NULL});
	properties = model_child(o, "properties");
	model_text(model_child(properties, "type"), "type", "string");
	model_text(model_child(properties, "title"), "type", "string");
	model_text(model_child(properties, "status"), "type", "integer");
	model_text(model_child(properties, "detail"), "type", "string");
	errors = model_child(properties, "errors");
	model_text(errors, "type", "object");
	model_text(model_child(errors, "additionalProperties"), "type", "string");
}

static void
plain_money(struct json_object *schemas)
{
	struct json_object *o = model_child(schemas, "Money"), *properties, *x;

	model_text(o, "type", "object");
	require(o, (const char *const[]){"amount", NULL});
	properties = model_child(o, "properties");
	x = model_child(properties, "amount");
	model_text(x, "type", "string");
	model_text(x, "pattern", "^-?[0-9]+(\\.[0-9]+)?$");
	x = model_child(properties, "currency");
	model_text(x, "type", "string");
	model_text(x, "pattern", "^[A-Z]{3}$");
	model_bool(o, "additionalProperties", false);
}

struct err *
openapi_schemas(struct arena *a, struct tx *tx, struct json_object *schemas)
{
	struct rows *r;

	problem_schema(schemas);
	/* Where no workspace is there are no records. */
	if (tx == NULL)
		return NULL;
	TRY(tx_query(tx, &fields, NO_VALS, &r));
	plain_money(schemas);
	for (int e = 0; e < ENTITY_MAX; e++) {
		record_schema(a, schemas, (enum entity)e, r);
		fields_schema(a, schemas, (enum entity)e, r);
		list_schema(a, schemas, (enum entity)e);
	}
	return NULL;
}
