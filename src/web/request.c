/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <fcgiapp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "form.h"
#include "log.h"
#include "num.h"
#include "params.h"
#include "response.h"
#include "route.h"

#define QUERY_FIELDS 100
#define API_PREFIX "/api/v1"

static const char *
param(const struct request *rq, const char *name)
{
	const FCGX_Request *fc = rq->fcgi;

	return FCGX_GetParam(name, fc->envp);
}

const char *
request_header(const struct request *rq, const char *name)
{
	char env[64] = "HTTP_";
	size_t n = strlen(env);

	if (strcasecmp(name, "Content-Type") == 0 || strcasecmp(name, "Content-Length") == 0)
		n = 0;
	ASSERT(n + strlen(name) < sizeof(env));
	for (; *name != '\0'; name++)
		env[n++] = *name == '-'                   ? '_'
			   : *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A')
							  : *name;
	env[n] = '\0';
	return param(rq, env);
}

const char *
request_cookie(const struct request *rq, const char *name)
{
	return cookie_find(rq->a, param(rq, "HTTP_COOKIE"), name);
}

static void
read_method(struct request *rq)
{
	static const struct {
		const char *name;
		enum method method;
	} known[] = {{"GET", METHOD_GET}, {"HEAD", METHOD_GET}, {"POST", METHOD_POST},
		{"PATCH", METHOD_PATCH}, {"DELETE", METHOD_DELETE}};
	const char *s = param(rq, "REQUEST_METHOD");

	rq->method = METHOD_OTHER;
	for (size_t i = 0; s != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(s, known[i].name) == 0)
			rq->method = known[i].method;
	rq->head = s != NULL && strcmp(s, "HEAD") == 0;
}

/* The web server's own id when it is one, so that both logs name the same. */
static void
read_id(struct request *rq)
{
	const char *s = param(rq, "REQUEST_ID");
	unsigned char raw[8];

	if (s != NULL && strspn(s, "0123456789abcdef") >= 16) {
		rq->id = arena_strndup(rq->a, s, 16);
		return;
	}
	if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
		log_fatal("getrandom failed");
	rq->id = arena_printf(rq->a, "%02x%02x%02x%02x%02x%02x%02x%02x", raw[0], raw[1], raw[2],
		raw[3], raw[4], raw[5], raw[6], raw[7]);
}

/* Lower case, without port; whatever cannot be a name of ours is "". */
static const char *
read_host(struct request *rq)
{
	const char *s = param(rq, "HTTP_HOST");
	size_t n = s != NULL ? strcspn(s, ":") : 0;
	char *host;

	if (n == 0 || n > 253)
		return "";
	host = arena_strndup(rq->a, s, n);
	for (char *p = host; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' ||
			    *p == '.'))
			return "";
	}
	return host;
}

static const char *
agent_family(const char *agent)
{
	/* In this order: each later one also stands in the earlier ones' text. */
	static const struct {
		const char *mark;
		const char *family;
	} known[] = {{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}, {"curl/", "curl"}, {"python-requests/", "python"}};

	for (size_t i = 0; agent != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strstr(agent, known[i].mark) != NULL)
			return known[i].family;
	return "other";
}

static size_t
count_slashes(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += s[i] == '/';
	return count;
}

/* The path without the API's prefix, when it has that. */
static const char *
below_api(const char *path)
{
	size_t n = strlen(API_PREFIX);

	if (strncmp(path, API_PREFIX, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return path;
	return path[n] != '\0' ? path + n : "/";
}

/*
 * Decoded once. A slash that was written %2F would change how the path is cut,
 * so it is refused, as is every path that has a second spelling.
 */
static struct err *
read_path(struct request *rq)
{
	const char *uri = param(rq, "REQUEST_URI");
	size_t n = uri != NULL ? strcspn(uri, "?") : 0;
	const char *path;

	rq->path = "/";
	if (n == 0 || uri[0] != '/')
		return err_new(rq->a, ERR_BAD_REQUEST, NULL);
	/* For the answer, should it not be readable. */
	rq->api = strncmp(uri, "/api/", 5) == 0;
	path = percent_decode(rq->a, uri, n, false);
	if (path == NULL || count_slashes(path, strlen(path)) != count_slashes(uri, n))
		return err_new(rq->a, ERR_BAD_REQUEST, NULL);
	for (const char *p = path; *p != '\0'; p += strcspn(p, "/")) {
		size_t len = strcspn(++p, "/");

		if ((len == 0 && (*p == '/' || p != path + 1)) || (len == 1 && p[0] == '.') ||
			(len == 2 && p[0] == '.' && p[1] == '.'))
			return err_new(rq->a, ERR_NOT_FOUND, NULL);
	}
	rq->api = strncmp(path, "/api/", 5) == 0;
	rq->path = below_api(path);
	return NULL;
}

static struct err *
read_length(struct request *rq)
{
	const char *s = param(rq, "CONTENT_LENGTH");

	rq->content_length = -1;
	if (s == NULL || s[0] == '\0')
		return NULL;
	if (!num_parse_i64(s, 0, INT64_MAX, &rq->content_length))
		return err_new(rq->a, ERR_BAD_REQUEST, NULL);
	return NULL;
}

struct err *
request_begin(struct request *rq, struct arena *a, void *fcgi)
{
	const char *type;
	struct err *e;

	rq->a = a;
	rq->fcgi = fcgi;
	/* All of it is set even when the path is refused: the answer needs it. */
	read_method(rq);
	read_id(rq);
	rq->host = read_host(rq);
	rq->remote = param(rq, "REMOTE_ADDR");
	rq->next_pool = param(rq, "PRAYA_NEXT");
	if (rq->remote == NULL)
		rq->remote = "";
	rq->user_agent = agent_family(param(rq, "HTTP_USER_AGENT"));
	type = param(rq, "CONTENT_TYPE");
	rq->content_type = type != NULL && type[0] != '\0' ? type : NULL;
	rq->query = model_object(a);
	rq->body = model_object(a);
	e = read_length(rq);
	TRY(read_path(rq));
	return e;
}

struct err *
request_read_query(struct request *rq)
{
	struct params_reader r = {.a = rq->a, .source = FROM_QUERY, .params = rq->route->params};
	const char *s = param(rq, "QUERY_STRING");
	struct json_object *raw;
	struct err *e = NULL;

	if (s == NULL)
		return NULL;
	TRY(form_parse(rq->a, s, strlen(s), QUERY_FIELDS, &raw));
	params_apply(&r, raw, rq->query, &e);
	for (const struct param *p = r.params; p != NULL && p->name != NULL; p++)
		if (p->in == IN_QUERY && p->required && !params_reported(e, p->name) &&
			json_object_object_get(rq->query, p->name) == NULL)
			params_fail(&r, &e, p->name, "error.required", NULL);
	/* What is wrong with an address is 400, with a body 422. */
	if (e != NULL)
		e->kind = ERR_BAD_REQUEST;
	return e;
}

int64_t
request_id(const struct request *rq, size_t n)
{
	int64_t id = 0;

	ASSERT(n < sizeof(rq->path_args) / sizeof(rq->path_args[0]) && rq->path_args[n] != NULL);
	ASSERT(num_parse_i64(rq->path_args[n], 1, INT64_MAX, &id));
	return id;
}

struct json_object *
request_value(const struct request *rq, const char *name)
{
	struct json_object *v;

	if (json_object_object_get_ex(rq->body, name, &v) ||
		json_object_object_get_ex(rq->query, name, &v))
		return v;
	return NULL;
}

bool
request_has(const struct request *rq, const char *name)
{
	return json_object_object_get_ex(rq->body, name, NULL) ||
	       json_object_object_get_ex(rq->query, name, NULL);
}

const char *
request_text(const struct request *rq, const char *name)
{
	struct json_object *v = request_value(rq, name);

	return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

int64_t
request_i64(const struct request *rq, const char *name, int64_t fallback)
{
	struct json_object *v = request_value(rq, name);

	return json_object_is_type(v, json_type_int) ? json_object_get_int64(v) : fallback;
}

bool
request_bool(const struct request *rq, const char *name, bool fallback)
{
	struct json_object *v = request_value(rq, name);

	return json_object_is_type(v, json_type_boolean) ? json_object_get_boolean(v) : fallback;
}

const struct upload *
request_file(const struct request *rq, const char *name)
{
	for (const struct upload *u = rq->uploads; u != NULL; u = u->next)
		if (strcmp(u->param, name) == 0)
			return u;
	return NULL;
}
