/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "num.h"
#include "sb.h"

#define SEGMENTS_MAX 8
#define ARGS_MAX (sizeof(((struct request *)NULL)->path_args) / sizeof(const char *))
#define TOKEN_MAX 200

enum segment_kind { SEG_LITERAL, SEG_ID, SEG_TOKEN };

struct segment {
	const char *p;
	size_t n;
	enum segment_kind kind;
};

/* A path cut at its slashes; the bytes stay where they are. */
struct cut {
	struct segment seg[SEGMENTS_MAX];
	size_t count;
};

struct entry {
	const struct route *route;
	struct cut cut;
};

/*
 * The index: all rows in order of segment count, then path, then method, so
 * that a request looks at the rows of its own length only, and a literal
 * segment ('a') stands before a pattern ('{' sorts after every letter).
 */
static struct entry *entries;
static size_t entry_count;
static size_t first_of[SEGMENTS_MAX + 2];
/* The same rows in order of path, for routes_all(). */
static const struct route **by_path;

/* False: more segments than any route can have. "/" has none. */
static bool
path_cut(const char *path, struct cut *out)
{
	out->count = 0;
	if (strcmp(path, "/") == 0)
		return true;
	while (*path == '/') {
		const char *start = path + 1;
		struct segment *s;

		if (out->count == SEGMENTS_MAX)
			return false;
		s = &out->seg[out->count++];
		path = strchrnul(start, '/');
		s->p = start;
		s->n = (size_t)(path - start);
		s->kind = SEG_LITERAL;
	}
	return true;
}

static bool
segment_is(const struct segment *s, const char *text)
{
	return s->n == strlen(text) && memcmp(s->p, text, s->n) == 0;
}

static void
check_path(const char *path, struct cut *cut)
{
	size_t args = 0;

	ASSERT(path[0] == '/');
	ASSERT(strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_-.{}/") == strlen(path));
	ASSERT(path_cut(path, cut));
	for (size_t i = 0; i < cut->count; i++) {
		struct segment *s = &cut->seg[i];

		ASSERT(s->n > 0);
		if (segment_is(s, "{id}"))
			s->kind = SEG_ID;
		else if (segment_is(s, "{token}"))
			s->kind = SEG_TOKEN;
		else
			ASSERT(memchr(s->p, '{', s->n) == NULL && memchr(s->p, '}', s->n) == NULL);
		args += s->kind != SEG_LITERAL;
	}
	ASSERT(args <= ARGS_MAX);
}

static void
check_params(const struct route *r)
{
	for (const struct param *p = r->params; p != NULL && p->name != NULL; p++) {
		/* A leading '_' is reserved for what the gate puts into forms. */
		ASSERT(p->name[0] >= 'a' && p->name[0] <= 'z');
		ASSERT(strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(p->name));
		ASSERT(p->type >= P_TEXT && p->type <= P_FILTERS);
		ASSERT(p->in == IN_QUERY || p->in == IN_BODY || p->in == IN_BOTH);
		ASSERT(r->method != METHOD_GET || p->in == IN_QUERY);
		ASSERT(p->type != P_FILE || p->in == IN_BODY);
		ASSERT(p->max >= 0 || p->type == P_I64);
		ASSERT(p->max == 0 || p->min <= p->max || p->type == P_I64S);
		for (const struct param *q = r->params; q != p; q++)
			ASSERT(strcmp(q->name, p->name) != 0);
	}
}

static void
check_row(const struct route *r, struct cut *cut)
{
	ASSERT(r->kind >= ROUTE_READ && r->kind <= ROUTE_STREAM);
	ASSERT((int)r->method >= METHOD_GET && r->method < METHOD_OTHER);
	ASSERT((r->kind == ROUTE_WRITE || r->kind == ROUTE_CHANGE) == (r->method != METHOD_GET));
	check_path(r->path, cut);
	/* A page's form can only GET and POST. */
	ASSERT(r->surface == ON_API || r->surface == ON_PAGE || r->surface == ON_BOTH ||
		r->surface == ON_DESK_PAGE || r->surface == ON_DESK_API ||
		r->surface == ON_DESK_BOTH || r->surface == ON_DOOR_PAGE ||
		r->surface == ON_DOOR_API || r->surface == ON_DOOR_BOTH);
	/* Nobody but the operator's people has to do with their host. */
	ASSERT((r->surface & ON_DESK_BOTH) != 0
			? r->right == RIGHT_PUBLIC || r->right == RIGHT_OPERATOR
			: r->right != RIGHT_OPERATOR);
	ASSERT((r->surface & ON_DOOR_BOTH) == 0 || r->right == RIGHT_PUBLIC);
	ASSERT((r->surface & (ON_PAGE | ON_DESK_PAGE | ON_DOOR_PAGE)) == 0 ||
		r->method == METHOD_GET || r->method == METHOD_POST);
	ASSERT(r->right > RIGHT_UNSET && r->right < RIGHT_MAX);
	ASSERT(r->entity != NULL && r->action != NULL && r->handler != NULL);
	ASSERT(r->right < RIGHT_VIEW || RIGHT_IS_SPECIAL(r->right) || r->entity[0] != '\0');
	ASSERT(r->template != NULL);
	ASSERT(r->name != NULL && r->name[0] != '\0');
	check_params(r);
}

static int
compare_path(const struct route *a, const struct route *b)
{
	int c = strcmp(a->path, b->path);

	if (c == 0)
		c = (int)a->method - (int)b->method;
	if (c == 0)
		c = (int)a->surface - (int)b->surface;
	return c;
}

static int
compare_entries(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;

	if (a->cut.count != b->cut.count)
		return a->cut.count < b->cut.count ? -1 : 1;
	return compare_path(a->route, b->route);
}

static int
compare_routes(const void *pa, const void *pb)
{
	return compare_path(*(const struct route *const *)pa, *(const struct route *const *)pb);
}

/* Two rows that answer the same request, or share a name. */
static void
check_twins(void)
{
	for (size_t i = 0; i < entry_count; i++) {
		const struct route *a = entries[i].route;

		for (size_t k = i + 1; k < entry_count; k++) {
			const struct route *b = entries[k].route;

			ASSERT(strcmp(a->name, b->name) != 0);
			ASSERT(a->method != b->method || (a->surface & b->surface) == 0 ||
				strcmp(a->path, b->path) != 0);
		}
	}
}

void
routes_init(const struct route *const *tables)
{
	size_t n = 0, i = 0;

	for (const struct route *const *t = tables; *t != NULL; t++)
		for (const struct route *r = *t; r->kind != 0 || r->path != NULL; r++)
			n++;
	free(entries);
	free(by_path);
	entries = calloc(n + 1, sizeof(*entries));
	by_path = calloc(n + 1, sizeof(const struct route *));
	if (entries == NULL || by_path == NULL)
		log_fatal("out of memory");
	for (const struct route *const *t = tables; *t != NULL; t++)
		for (const struct route *r = *t; r->kind != 0 || r->path != NULL; r++) {
			check_row(r, &entries[i].cut);
			by_path[i] = entries[i].route = r;
			i++;
		}
	entry_count = n;
	qsort(entries, n, sizeof(*entries), compare_entries);
	qsort(by_path, n, sizeof(const struct route *), compare_routes);
	check_twins();
	for (size_t len = 0, k = 0; len <= SEGMENTS_MAX + 1; len++) {
		while (k < n && entries[k].cut.count < len)
			k++;
		first_of[len] = k;
	}
}

/* A positive 64-bit integer without leading zeros. */
static bool
is_id(const struct segment *s)
{
	char text[20];
	int64_t v;

	if (s->n >= sizeof(text))
		return false;
	memcpy(text, s->p, s->n);
	text[s->n] = '\0';
	return num_parse_i64(text, 1, INT64_MAX, &v);
}

static bool
is_token(const struct segment *s)
{
	if (s->n == 0 || s->n > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		char c = s->p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '.' || c == '_' || c == '-'))
			return false;
	}
	return true;
}

/* Both have the same number of segments: that is how rows are found. */
static bool
cut_matches(const struct cut *pattern, const struct cut *path)
{
	for (size_t i = 0; i < path->count; i++) {
		const struct segment *p = &pattern->seg[i], *s = &path->seg[i];

		if (p->kind == SEG_ID          ? !is_id(s)
			: p->kind == SEG_TOKEN ? !is_token(s)
					       : p->n != s->n || memcmp(p->p, s->p, s->n) != 0)
			return false;
	}
	return true;
}

static void
fill_args(struct request *rq, const struct cut *pattern, const struct cut *path)
{
	size_t n = 0;

	for (size_t i = 0; i < path->count; i++)
		if (pattern->seg[i].kind != SEG_LITERAL)
			rq->path_args[n++] = arena_strndup(rq->a, path->seg[i].p, path->seg[i].n);
}

static const char *
allow_text(struct arena *a, const bool seen[METHOD_OTHER])
{
	static const char *const names[METHOD_OTHER] = {
		[METHOD_GET] = "GET, HEAD",
		[METHOD_POST] = "POST",
		[METHOD_PATCH] = "PATCH",
		[METHOD_DELETE] = "DELETE",
	};
	struct sb sb;

	sb_init(&sb, a, 64);
	for (size_t m = 0; m < METHOD_OTHER; m++) {
		if (!seen[m])
			continue;
		if (sb.n > 0)
			sb_puts(&sb, ", ");
		sb_puts(&sb, names[m]);
	}
	return sb.p;
}

static enum surface
surface_of(const struct request *rq)
{
	if (rq->door)
		return rq->api ? ON_DOOR_API : ON_DOOR_PAGE;
	if (rq->desk)
		return rq->api ? ON_DESK_API : ON_DESK_PAGE;
	return rq->api ? ON_API : ON_PAGE;
}

struct err *
route_match(struct request *rq, const char **allow_r)
{
	enum surface surface = surface_of(rq);
	bool seen[METHOD_OTHER] = {false};
	bool any = false;
	struct cut path = {.count = 0};

	*allow_r = NULL;
	if (!path_cut(rq->path, &path))
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	for (size_t i = first_of[path.count]; i < first_of[path.count + 1]; i++) {
		const struct entry *e = &entries[i];

		if ((e->route->surface & surface) == 0 || !cut_matches(&e->cut, &path))
			continue;
		if (e->route->method == rq->method) {
			rq->route = e->route;
			fill_args(rq, &e->cut, &path);
			return NULL;
		}
		seen[e->route->method] = any = true;
	}
	if (!any)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	*allow_r = allow_text(rq->a, seen);
	return err_new(rq->a, ERR_METHOD, NULL);
}

bool
route_is_grave(const struct route *r)
{
	static const char *const actions[] = {"erase", "export", "permission"};
	static const enum right rights[] = {RIGHT_MANAGE_USERS, RIGHT_MANAGE_PROFILES,
		RIGHT_CLOSE_WORKSPACE, RIGHT_APPROVE_REQUESTS};

	if (r->method == METHOD_GET || r->right == RIGHT_PUBLIC)
		return false;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(r->action, actions[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (r->right == rights[i])
			return true;
	return false;
}

size_t
routes_all(const struct route *const **list_r)
{
	*list_r = by_path;
	return entry_count;
}
