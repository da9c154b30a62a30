/* SPDX-License-Identifier: ISC */
/*
 * GET /api/v1/openapi.json: the API described out of the route table, so that it
 * cannot say anything else than what is served. It is made once a process and
 * holds nothing of any workspace.
 */
#include "openapi.h"

#include <string.h>

#include "view.h"
#include "workspace.h"

#define TEXT_BYTES ((size_t)8 * 1024 * 1024)

/* Process lifetime: of workspaces, and of the host where they are asked for. */
static struct document {
	struct arena *a;
	const char *text;
	size_t n;
} made[2];

static const char *const method_keys[] = {[METHOD_GET] = "get",
	[METHOD_POST] = "post",
	[METHOD_PATCH] = "patch",
	[METHOD_DELETE] = "delete"};

/* "/contacts/{id}/files/{id}" -> "/contacts/{id}/files/{id2}": names are told apart. */
static const char *
path_of(struct arena *a, const struct route *r, struct json_object *parameters)
{
	const char *p = r->path, *close;
	struct sb sb;
	int n = 0;

	sb_init(&sb, a, 500);
	for (const char *open; (open = strchr(p, '{')) != NULL; p = close + 1) {
		bool id = open[1] == 'i';
		const char *name;
		struct json_object *o = model_item(parameters), *schema;

		close = strchr(open, '}');
		name = arena_strndup(a, open + 1, (size_t)(close - open - 1));
		if (++n > 1)
			name = arena_printf(a, "%s%d", name, n);
		sb_add(&sb, p, (size_t)(open - p));
		sb_printf(&sb, "{%s}", name);
		model_text(o, "name", name);
		model_text(o, "in", "path");
		model_bool(o, "required", true);
		schema = model_child(o, "schema");
		model_text(schema, "type", id ? "integer" : "string");
		if (id)
			model_i64(schema, "minimum", 1);
		else
			model_text(schema, "pattern", "^[A-Za-z0-9._-]{1,200}$");
	}
	sb_puts(&sb, p);
	return sb.p;
}

static void
header_parameter(
	struct arena *a, struct json_object *list, const char *name, bool required, const char *key)
{
	struct json_object *o = model_item(list);

	model_text(o, "name", name);
	model_text(o, "in", "header");
	model_bool(o, "required", required);
	model_text(o, "description", openapi_text(a, key));
	model_text(model_child(o, "schema"), "type", "string");
}

static bool
has_body(const struct route *r)
{
	return r->method == METHOD_POST || r->method == METHOD_PATCH;
}

/* A parameter of a body, of a method that has one. */
static bool
in_body(const struct route *r, const struct param *p)
{
	return has_body(r) && p->in != IN_QUERY;
}

static void
add_query(const struct route *r, struct json_object *list)
{
	for (const struct param *p = r->params; p != NULL && p->name != NULL; p++) {
		struct json_object *o;

		if (in_body(r, p))
			continue;
		o = model_item(list);
		model_text(o, "name", p->name);
		model_text(o, "in", "query");
		model_bool(o, "required", p->required);
		if (p->type == P_FILTERS) {
			model_text(o, "style", "deepObject");
			model_bool(o, "explode", true);
		}
		openapi_param(model_child(o, "schema"), p);
	}
}

static bool
takes_body(const struct route *r, bool *file_r)
{
	bool any = r->fields != NULL;

	*file_r = false;
	for (const struct param *p = r->params; p != NULL && p->name != NULL; p++)
		if (in_body(r, p)) {
			any = true;
			*file_r |= p->type == P_FILE;
		}
	return has_body(r) && any;
}

static void
body_object(const struct route *r, struct json_object *schema)
{
	struct json_object *properties, *required = NULL;

	model_text(schema, "type", "object");
	properties = model_child(schema, "properties");
	for (const struct param *p = r->params; p != NULL && p->name != NULL; p++) {
		/* What only forms carry. */
		if (!in_body(r, p) || p->name[0] == '_')
			continue;
		openapi_param(model_child(properties, p->name), p);
		if (!p->required)
			continue;
		if (required == NULL)
			required = model_list(schema, "required");
		model_push_text(required, p->name);
	}
	if (r->fields == NULL)
		model_bool(schema, "additionalProperties", false);
}

static void
add_body(struct arena *a, const struct route *r, struct json_object *operation)
{
	struct json_object *content, *schema;
	bool file;

	if (!takes_body(r, &file))
		return;
	content = model_child(model_child(operation, "requestBody"), "content");
	schema = model_child(
		model_child(content, file ? "multipart/form-data" : "application/json"), "schema");
	if (r->fields == NULL || entity_parse(r->fields) == ENTITY_NONE) {
		body_object(r, schema);
		return;
	}
	if (r->params != NULL && r->params->name != NULL) {
		struct json_object *all = model_list(schema, "allOf");

		openapi_ref(a, model_item(all), "schemas",
			arena_printf(a, "%sFields", openapi_entity(a, entity_parse(r->fields))));
		body_object(r, model_item(all));
		return;
	}
	openapi_ref(a, schema, "schemas",
		arena_printf(a, "%sFields", openapi_entity(a, entity_parse(r->fields))));
}

/* The schema of the answer, where the table tells it; NULL elsewhere. */
static const char *
answer_schema(struct arena *a, const struct route *r)
{
	enum entity e = entity_parse(r->entity);
	const char *plural, *end;
	size_t n;

	if (e == ENTITY_NONE || r->kind == ROUTE_STREAM)
		return NULL;
	plural = entity_def(e)->path;
	n = strlen(plural);
	end = strlen(r->path) >= n ? r->path + strlen(r->path) - n : "";
	if (r->right == RIGHT_VIEW && r->method == METHOD_GET && strcmp(end, plural) == 0)
		return arena_printf(a, "%sList", openapi_entity(a, e));
	if (r->right == RIGHT_CREATE && strcmp(end, plural) == 0)
		return openapi_entity(a, e);
	if ((r->method == METHOD_GET || r->method == METHOD_PATCH) &&
		strcmp(r->path, arena_printf(a, "%s/{id}", plural)) == 0)
		return openapi_entity(a, e);
	return NULL;
}

static void
add_answer(struct arena *a, const struct route *r, struct json_object *responses)
{
	const char *schema = answer_schema(a, r);
	struct json_object *o = model_child(responses, r->method == METHOD_GET ? "200" : "2XX"),
			   *content;

	model_text(o, "description", openapi_text(a, "api.ok"));
	content = model_child(o, "content");
	if (r->kind == ROUTE_STREAM) {
		model_child(content, "application/octet-stream");
		return;
	}
	o = model_child(model_child(content, "application/json"), "schema");
	if (schema != NULL)
		openapi_ref(a, o, "schemas", schema);
	else
		model_text(o, "type", "object");
}

static void
add_problem(struct arena *a, struct json_object *responses, const char *status)
{
	openapi_ref(a, model_child(responses, status), "responses", "Problem");
}

/* Of a record; where the gate does not ask for it, it is checked when it is sent. */
static bool
takes_version(const struct route *r)
{
	return r->kind == ROUTE_CHANGE ||
	       (r->method == METHOD_PATCH && strchr(r->path, '{') != NULL);
}

static void
add_responses(struct arena *a, const struct route *r, struct json_object *operation)
{
	struct json_object *responses = model_child(operation, "responses");

	add_answer(a, r, responses);
	add_problem(a, responses, "400");
	if (r->right != RIGHT_PUBLIC)
		add_problem(a, responses, "401");
	/* Also of whoever has to set up a second step first, or has a token that only reads. */
	if (r->right > RIGHT_ENTRY || (r->right == RIGHT_ENTRY && r->method != METHOD_GET))
		add_problem(a, responses, "403");
	if (strchr(r->path, '{') != NULL)
		add_problem(a, responses, "404");
	/* A link by mail. */
	if (r->right == RIGHT_PUBLIC && strstr(r->path, "{token}") != NULL)
		add_problem(a, responses, "410");
	if (takes_version(r))
		add_problem(a, responses, "412");
	if (r->kind == ROUTE_CHANGE)
		add_problem(a, responses, "428");
	if (r->method != METHOD_GET) {
		add_problem(a, responses, "409");
		add_problem(a, responses, "422");
	}
	add_problem(a, responses, "default");
}

static void
add_security(const struct route *r, struct json_object *operation)
{
	struct json_object *list = model_list(operation, "security"), *o;

	if (r->right == RIGHT_PUBLIC)
		return;
	model_list(model_item(list), "bearer");
	o = model_item(list);
	model_list(o, "cookie");
	if (r->method != METHOD_GET)
		model_list(o, "csrf");
}

static void
add_operation(struct arena *a, const struct route *r, struct json_object *paths)
{
	struct json_object *parameters = model_own(a, json_object_new_array()), *path, *o;
	const char *name = path_of(a, r, parameters), *first = r->path + 1;

	if (!json_object_object_get_ex(paths, name, &path))
		path = model_child(paths, name);
	o = model_child(path, method_keys[r->method]);
	model_text(o, "operationId", r->name);
	model_push_text(model_list(o, "tags"), arena_strndup(a, first, strcspn(first, "/.")));
	model_text(o, "x-right",
		arena_printf(a, "%s%s%s", r->entity, *r->entity != '\0' ? "." : "",
			right_name(r->right)));
	if (*r->action != '\0')
		model_text(o, "x-audit", r->action);
	if (route_is_grave(r))
		model_bool(o, "x-verify", true);
	add_query(r, parameters);
	/* What was answered is kept by a workspace. */
	if (r->method == METHOD_POST && (r->surface & ON_API) != 0)
		header_parameter(a, parameters, "Idempotency-Key", false, "api.idempotency");
	if (takes_version(r))
		header_parameter(
			a, parameters, "If-Match", r->kind == ROUTE_CHANGE, "api.if_match");
	if (json_object_array_length(parameters) > 0)
		json_object_object_add(o, "parameters", json_object_get(parameters));
	add_body(a, r, o);
	add_responses(a, r, o);
	add_security(r, o);
}

static void
scheme(struct json_object *schemes, const char *name, const char *type, const char *where,
	const char *what)
{
	struct json_object *o = model_child(schemes, name);

	model_text(o, "type", type);
	if (strcmp(type, "http") == 0) {
		model_text(o, "scheme", what);
		return;
	}
	model_text(o, "in", where);
	model_text(o, "name", what);
}

static struct err *
make(struct request *rq, struct json_object *root)
{
	struct json_object *o = model_child(root, "info"), *components;
	const struct route *const *list;
	size_t n = routes_all(&list);
	enum surface surface = rq->door ? ON_DOOR_API : ON_API;

	model_text(o, "title", openapi_text(rq->a, "app.name"));
	model_text(o, "description", openapi_text(rq->a, "api.description"));
	model_text(o, "version", "1");
	o = model_child(o, "license");
	model_text(o, "name", "ISC");
	model_text(o, "identifier", "ISC");
	model_text(model_item(model_list(root, "servers")), "url", "/api/v1");
	o = model_child(root, "paths");
	for (size_t i = 0; i < n; i++)
		if ((list[i]->surface & surface) != 0)
			add_operation(rq->a, list[i], o);
	components = model_child(root, "components");
	o = model_child(components, "securitySchemes");
	scheme(o, "bearer", "http", NULL, "bearer");
	scheme(o, "cookie", "apiKey", "cookie", "__Host-praya");
	scheme(o, "csrf", "apiKey", "header", "X-CSRF-Token");
	o = model_child(model_child(components, "responses"), "Problem");
	model_text(o, "description", openapi_text(rq->a, "api.problem"));
	o = model_child(
		model_child(model_child(o, "content"), "application/problem+json"), "schema");
	openapi_ref(rq->a, o, "schemas", "Problem");
	return openapi_schemas(rq->a, rq->tx, model_child(components, "schemas"));
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct document *m = &made[rq->door];

	if (m->text == NULL) {
		struct json_object *root = model_object(rq->a);
		const char *text;

		model_text(root, "openapi", "3.1.0");
		TRY(make(rq, root));
		text = json_object_to_json_string_ext(
			root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
		if (m->a == NULL)
			m->a = arena_new(TEXT_BYTES);
		m->n = strlen(text);
		m->text = arena_strdup(m->a, text);
	}
	rp->content_type = "application/json; charset=utf-8";
	rp->ready = m->text;
	rp->ready_size = m->n;
	response_header(rp, "Cache-Control", "public, max-age=300");
	return NULL;
}

const struct route openapi_routes[] = {
	ROUTE(READ, GET, "/openapi.json", ON_API, "", RIGHT_PUBLIC, "", show, NULL, NULL, "",
		"api.describe"),
	ROUTE(READ, GET, "/openapi.json", ON_DOOR_API, "", RIGHT_PUBLIC, "", show, NULL, NULL, "",
		"sign_up.describe"),
	ROUTE_END,
};
