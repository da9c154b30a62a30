/* SPDX-License-Identifier: ISC */
#include "chrome.h"

#include <string.h>
#include <time.h>

#include "date.h"
#include "log.h"
#include "session.h"
#include "token.h"

#define FLASH_COOKIE "__Host-flash"

static const struct nav {
	const char *key;
	const char *path;
	enum entity entity;
	enum right right;
} navigation[] = {
	{"dashboard", "/", ENTITY_NONE, RIGHT_SELF},
	{"contacts", "/contacts", ENTITY_CONTACT, RIGHT_VIEW},
	{"companies", "/companies", ENTITY_COMPANY, RIGHT_VIEW},
	{"activities", "/activities", ENTITY_ACTIVITY, RIGHT_VIEW},
	{"messages", "/messages", ENTITY_MESSAGE, RIGHT_VIEW},
	{"invoices", "/invoices", ENTITY_INVOICE, RIGHT_VIEW},
	{"privacy", "/privacy", ENTITY_NONE, RIGHT_SELF},
	{"import", "/import", ENTITY_NONE, RIGHT_IMPORT},
	{"audit", "/audit", ENTITY_NONE, RIGHT_VIEW_AUDIT},
	{"settings", "/settings", ENTITY_NONE, RIGHT_SELF},
};

const char *
chrome_csrf(const struct request *rq)
{
	const char *nonce;

	if (rq->principal != NULL)
		return csrf_of_session(rq->a, rq->tenant, rq->principal->session_id);
	nonce = request_cookie(rq, VISIT_COOKIE);
	return nonce == NULL ? token_new(rq->a, 16) : csrf_of_visitor(rq->a, rq->tenant, nonce);
}

/* A visitor's first page gives out the nonce that the form's token belongs to. */
static const char *
visitor_csrf(struct request *rq, struct response *rp)
{
	const char *nonce;

	if (request_cookie(rq, VISIT_COOKIE) != NULL)
		return chrome_csrf(rq);
	nonce = token_new(rq->a, 16);
	response_cookie(rp, VISIT_COOKIE, nonce, 3600);
	return csrf_of_visitor(rq->a, rq->tenant, nonce);
}

static bool
nav_active(const char *path, const char *at)
{
	size_t n = strlen(path);

	if (strcmp(path, "/") == 0)
		return strcmp(at, "/") == 0;
	return strncmp(at, path, n) == 0 && (at[n] == '\0' || at[n] == '/');
}

/* A right on records without their kind: on any. Nothing comes into a workspace that closes. */
static bool
may_go(const struct principal *p, const struct nav *n)
{
	if (n->right == RIGHT_IMPORT && p->closes_at != 0)
		return false;
	if (n->entity == ENTITY_NONE && n->right >= RIGHT_VIEW && !RIGHT_IS_SPECIAL(n->right))
		return principal_may_some(p, n->right);
	return principal_may(p, n->entity, n->right);
}

static void
add_nav(struct json_object *chrome, const struct request *rq)
{
	struct json_object *list = model_list(chrome, "nav");

	for (size_t i = 0; i < sizeof(navigation) / sizeof(navigation[0]); i++) {
		const struct nav *n = &navigation[i];
		struct json_object *o;

		if (rq->principal->must_enrol || !may_go(rq->principal, n))
			continue;
		o = model_item(list);
		model_text(o, "key", n->key);
		model_text(o, "url", n->path);
		model_text(o, "label",
			view_text(rq->a, request_lang(rq), arena_printf(rq->a, "nav.%s", n->key),
				NULL));
		model_bool(o, "active", nav_active(n->path, rq->path));
	}
}

static void
add_flash(struct json_object *chrome, struct request *rq, struct response *rp)
{
	const char *key = rp->flash;
	struct json_object *o;

	if (key == NULL) {
		key = request_cookie(rq, FLASH_COOKIE);
		if (key == NULL || strncmp(key, "flash.", 6) != 0)
			return;
		response_cookie(rp, FLASH_COOKIE, "", 0);
	}
	o = model_item(model_list(chrome, "flash"));
	model_text(o, "kind", "success");
	model_text(o, "text", view_text(rq->a, request_lang(rq), key, NULL));
}

void
chrome_flash_store(struct response *rp)
{
	if (rp->flash != NULL)
		response_cookie(rp, FLASH_COOKIE, rp->flash, 60);
}

/* Whose view of the workspace this is, and until when. */
static void
add_view_as(struct json_object *chrome, const struct request *rq)
{
	const struct principal *p = rq->principal;
	struct json_object *o;

	if (p->viewer_id == 0)
		return;
	o = model_child(chrome, "view_as");
	model_text(o, "user", p->name);
	model_text(o, "viewer", p->viewer);
	model_text(o, "until", time_show(rq->a, p->until, lang_tag(request_lang(rq))));
}

/* That the operator's people may look, told to all; and to them, which way. */
static void
add_support(struct json_object *chrome, const struct request *rq)
{
	const struct principal *p = rq->principal;
	struct json_object *o;

	if (!principal_supported(p))
		return;
	o = model_child(chrome, "support");
	model_text(o, "until", time_show(rq->a, p->support_until, lang_tag(request_lang(rq))));
	model_text(o, "reason", p->support);
	model_bool(o, "inside", p->grant_id != 0);
	if (p->grant_id != 0)
		model_text(o, "scope",
			view_text(rq->a, request_lang(rq),
				arena_printf(rq->a, "support.scope.%s", p->grant_scope), NULL));
}

#define DAY_USEC ((int64_t)86400 * 1000000)

/* Everybody sees the day, and how many are left. */
static void
add_closing(struct json_object *chrome, const struct request *rq)
{
	int64_t at = rq->principal->closes_at, left, days;
	struct json_object *o;
	struct timespec now;

	if (at == 0)
		return;
	/* By the microsecond: in the second it began a whole day would be too many. */
	clock_gettime(CLOCK_REALTIME, &now);
	left = at - ((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	days = left > 0 ? (left + DAY_USEC - 1) / DAY_USEC : 0;
	o = model_child(chrome, "closing");
	model_text(o, "at", time_show(rq->a, at, lang_tag(request_lang(rq))));
	model_text(o, "days",
		view_text(rq->a, request_lang(rq),
			days == 0   ? "closing.left.none"
			: days == 1 ? "closing.left.one"
				    : "closing.left.many",
			arena_printf(rq->a, "%lld", (long long)days)));
}

struct json_object *
chrome_make(struct request *rq, struct response *rp)
{
	struct json_object *chrome = model_object(rq->a);
	struct json_object *o;

	model_text(chrome, "lang", lang_tag(request_lang(rq)));
	model_text(chrome, "path", rq->path);
	model_text(chrome, "request_id", rq->id);
	if (rq->tenant == NULL)
		return chrome;
	o = model_child(chrome, "workspace");
	model_text(o, "name", rq->tenant->name);
	model_text(o, "region", rq->tenant->region);
	model_bool(chrome, "signed_in", rq->principal != NULL);
	if (rq->principal == NULL) {
		model_text(chrome, "csrf", visitor_csrf(rq, rp));
		add_flash(chrome, rq, rp);
		return chrome;
	}
	model_text(chrome, "csrf", chrome_csrf(rq));
	model_text(chrome, "form", token_new(rq->a, 16));
	o = model_child(chrome, "user");
	model_text(o, "name",
		rq->principal->grant_id != 0
			? view_text(rq->a, request_lang(rq), "support.title", NULL)
			: rq->principal->name);
	model_text(o, "email", rq->principal->email);
	if (!rq->desk)
		add_nav(chrome, rq);
	add_view_as(chrome, rq);
	add_support(chrome, rq);
	add_closing(chrome, rq);
	if (!rq->principal->must_enrol && principal_may(rq->principal, ENTITY_CONTACT, RIGHT_VIEW))
		model_text(model_child(chrome, "search"), "url", "/contacts/search");
	add_flash(chrome, rq, rp);
	return chrome;
}

/* The title or the advice of a message that has its own; NULL: it has none. */
static const char *
own_word(const struct request *rq, const char *of, const char *part)
{
	const char *key = arena_printf(rq->a, "%s.%s", of, part);
	const char *text = view_text(rq->a, request_lang(rq), key, NULL);

	return strcmp(text, key) != 0 ? text : NULL;
}

static const char *
error_text(const struct request *rq, const struct err *e, const char *part)
{
	const char *own = NULL;

	if (e->key != NULL)
		own = strcmp(part, "text") == 0 ? view_text(rq->a, request_lang(rq), e->key, e->arg)
						: own_word(rq, e->key, part);
	if (own == NULL && rq->door)
		own = own_word(rq, arena_printf(rq->a, "error.%s.door", err_name(e->kind)), part);
	if (own != NULL)
		return own;
	return view_text(rq->a, request_lang(rq),
		arena_printf(rq->a, "error.%s.%s", err_name(e->kind), part), NULL);
}

static void
add_errors(struct json_object *o, const struct request *rq, const struct err *e)
{
	struct json_object *fields;

	if (e->fields == NULL)
		return;
	fields = model_child(o, "errors");
	for (const struct err_field *f = e->fields; f != NULL; f = f->next)
		model_text(fields, f->name, view_text(rq->a, request_lang(rq), f->key, f->arg));
}

void
chrome_error(struct request *rq, struct response *rp, const struct err *e, struct sb *out)
{
	struct json_object *o = model_object(rq->a);
	struct err *again;

	rp->status = err_status(e->kind);
	if (e->kind == ERR_UNAUTHENTICATED || e->kind == ERR_CODE_NEEDED)
		response_header(rp, "WWW-Authenticate", "Bearer");
	if (e->kind == ERR_BUSY)
		response_header(rp, "Retry-After", "5");
	model_text(o, "type", arena_printf(rq->a, "urn:praya:problem:%s", err_name(e->kind)));
	model_text(o, "title", error_text(rq, e, "title"));
	model_i64(o, "status", rp->status);
	model_text(o, "detail", error_text(rq, e, "text"));
	add_errors(o, rq, e);
	if (rq->api) {
		view_json(o, out);
		return;
	}
	model_text(o, "kind", err_name(e->kind));
	model_text(o, "help", error_text(rq, e, "help"));
	model_bool(o, "door", rq->door);
	again = view_page(rq->a, "error", request_lang(rq), o, NULL, chrome_make(rq, rp), out);
	if (again != NULL) {
		log_error("error page: %s", again->detail != NULL ? again->detail : "");
		sb_clear(out);
		sb_printf(out, "%d\n", rp->status);
	}
}
