/* SPDX-License-Identifier: ISC */
#include "form_again.h"

#include <stddef.h>
#include <string.h>

#include "desk.h"
#include "tx.h"

static bool
may_come_back(const struct err *refused)
{
	if (refused->kind != ERR_INVALID || refused->fields == NULL)
		return false;
	for (const struct err_field *f = refused->fields; f != NULL; f = f->next)
		if (strcmp(f->key, "error.unknown_field") == 0)
			return false;
	return true;
}

/* Hosts that are no workspace's have few pages; what is sent there names the template that its
 * form stands on. */
static const struct route *
page_like(const struct request *rq)
{
	enum surface surface = rq->door ? ON_DOOR_PAGE : ON_DESK_PAGE;
	const struct route *const *all;
	size_t n = routes_all(&all);

	for (size_t i = 0; i < n; i++)
		if (all[i]->method == METHOD_GET && (all[i]->surface & surface) != 0 &&
			*all[i]->template != '\0' &&
			strcmp(all[i]->template, rq->route->template) == 0)
			return all[i];
	return NULL;
}

static const struct route *
page_at(const char *path)
{
	const struct route *const *all;
	size_t n = routes_all(&all);

	for (size_t i = 0; i < n; i++)
		if (all[i]->method == METHOD_GET && (all[i]->surface & ON_PAGE) != 0 &&
			*all[i]->template != '\0' && strcmp(all[i]->path, path) == 0)
			return all[i];
	return NULL;
}

/* A form is sent to the list that its page ("/new") adds to, to where its page is, or
 * to a place below it. */
const struct route *
form_again_route(const struct request *rq, const struct err *refused)
{
	char *path = arena_strdup(rq->a, rq->route->path);
	const struct route *r;

	if (rq->api || !may_come_back(refused))
		return NULL;
	if (rq->door || rq->desk)
		return page_like(rq);
	r = page_at(arena_printf(rq->a, "%s/new", path));
	while (r == NULL && *path != '\0') {
		r = page_at(path);
		*strrchr(path, '/') = '\0';
	}
	return r;
}

/* The form's body for the handler of its page: without what that takes for parameters
 * of its own. */
static struct json_object *
body_for(const struct request *rq, const struct route *page)
{
	struct json_object *o = model_object(rq->a);

	json_object_object_foreach(rq->body, name, v)
	{
		bool own = false;

		for (const struct param *p = page->params; p != NULL && p->name != NULL; p++)
			own |= strcmp(p->name, name) == 0;
		if (!own)
			json_object_object_add(o, name, json_object_get(v));
	}
	return o;
}

static bool
is_chosen(struct json_object *typed, const char *value)
{
	if (!json_object_is_type(typed, json_type_array))
		return strcmp(json_object_get_string(typed), value) == 0;
	for (size_t i = 0; i < json_object_array_length(typed); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(typed, i)), value) == 0)
			return true;
	return false;
}

static void
choose(struct json_object *options, struct json_object *typed)
{
	for (size_t i = 0; i < json_object_array_length(options); i++) {
		struct json_object *o = json_object_array_get_idx(options, i), *value;

		if (json_object_is_type(o, json_type_object) &&
			json_object_object_get_ex(o, "value", &value) && value != NULL)
			model_bool(o, "selected", is_chosen(typed, json_object_get_string(value)));
	}
}

/* An object with a name and a type is a field. */
static void
fill_field(struct json_object *o, struct json_object *typed)
{
	struct json_object *name, *type, *v, *options;

	if (!json_object_object_get_ex(o, "name", &name) ||
		!json_object_is_type(name, json_type_string) ||
		!json_object_object_get_ex(o, "type", &type) || type == NULL ||
		strcmp(json_object_get_string(type), "password") == 0 ||
		strcmp(json_object_get_string(type), "static") == 0 ||
		!json_object_object_get_ex(typed, json_object_get_string(name), &v))
		return;
	if (v == NULL)
		model_text(o, "value", "");
	else if (!json_object_is_type(v, json_type_array))
		model_text(o, "value", json_object_get_string(v));
	if (v != NULL && json_object_object_get_ex(o, "options", &options) &&
		json_object_is_type(options, json_type_array))
		choose(options, v);
}

static void
fill(struct json_object *o, struct json_object *typed)
{
	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			fill(json_object_array_get_idx(o, i), typed);
	} else if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, v)
		{
			if (strcmp(name, "typed") != 0)
				fill(v, typed);
		}
		fill_field(o, typed);
	}
}

/* What was typed, into the fields that the page has made. */
static void
fill_page(struct json_object *page, struct json_object *typed)
{
	struct json_object *search, *v;

	fill(page, typed);
	/* The change is still based on what its form was made from. */
	if (json_object_object_get_ex(typed, "_version", &v) && v != NULL)
		model_text(page, "version", json_object_get_string(v));
	if (json_object_object_get_ex(page, "search", &search) &&
		json_object_object_get_ex(typed, "q", &v) && v != NULL)
		model_text(search, "q", json_object_get_string(v));
}

/* In the tag that p points into: what was typed there is marked as wrong. */
static bool
is_marked(const char *p)
{
	const char *end = strchr(p, '>');
	const char *mark = strstr(p, "aria-invalid=\"true\"");

	return end != NULL && mark != NULL && mark < end;
}

/* A control that is marked, or a note that begins with an error. */
static bool
shows(struct arena *a, const char *html, const char *name)
{
	const char *control = arena_printf(a, " name=\"%s\"", name);
	const char *note = strstr(html, arena_printf(a, " id=\"%s-note\"", name));
	const char *error = note != NULL ? strstr(note, "class=\"error\"") : NULL;

	for (const char *p = html; (p = strstr(p, control)) != NULL; p++)
		if (is_marked(p))
			return true;
	return error != NULL && error - note < (ptrdiff_t)strlen(name) + 40;
}

/* Does the page say at a field what is wrong with it, of all that was refused? */
static bool
shows_all(struct arena *a, const char *html, const struct err *refused)
{
	for (const struct err_field *f = refused->fields; f != NULL; f = f->next)
		if (!shows(a, html, f->name))
			return false;
	return true;
}

static struct err *
draw(struct request *rq, struct response *rp, const struct err *refused, struct sb *out)
{
	struct json_object *typed = rq->body;

	response_errors(rp, rq, refused);
	rq->body = body_for(rq, rq->route);
	TRY(rq->route->handler(rq, rp));
	if (rq->tx != NULL && !tx_committed(rq->tx))
		TRY(tx_commit(rq->tx));
	if (rp->location != NULL || rp->stream != NULL || rp->ready != NULL)
		return err_new(rq->a, ERR_CONFLICT, NULL);
	rp->status = err_status(refused->kind);
	fill_page(response_page(rp), typed);
	return gate_render(rq, rp, out);
}

struct err *
form_again(struct request *rq, struct response *rp, const struct route *page, struct err *refused,
	struct sb *out)
{
	const struct route *sent = rq->route;
	struct err *e;

	rq->route = page;
	e = draw(rq, rp, refused, out);
	rq->route = sent;
	if (e == NULL && shows_all(rq->a, out->p, refused))
		return NULL;
	response_init(rp, rq->a, rp->fcgi);
	sb_clear(out);
	return refused;
}
