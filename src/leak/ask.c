/* SPDX-License-Identifier: ISC */
/* Asking as the profile does: through the gate, and looking at what comes back. */
#include <string.h>

#include "form.h"
#include "inward.h"
#include "log.h"
#include "num.h"
#include "part.h"
#include "session.h"
#include "trial.h"

/* A longer answer is looked through piece by piece, the pieces overlapping. */
#define ANSWER_MAX ((size_t)4 << 20)
#define OVERLAP 256
#define REQUEST_ID "0123456789abcdef"

struct look {
	struct leak *l;
	const struct question *q;
	struct sb sb;
	bool whole;
	bool shown[CANARIES_MAX]; /* one hit a canary is enough */
};

static const char *const stands[STAND_MAX] = {
	"own", "team", "others", "vip", "own_vip", "team_vip", "shared", "team_shared"};

const char *
leak_thing_name(struct leak *l, size_t thing)
{
	const struct thing *t = &l->things[thing];

	return arena_printf(l->work, "%s%s%s%s of %s", t->private_to != NULL ? "private " : "",
		entity_name(t->entity), t->private_to != NULL ? " note" : "",
		t->withheld ? " taken down" : "", stands[t->stand]);
}

/* One broken wall shows in every route: a few examples of it, and room for the others. */
static bool
reported(const struct leak_report *r, const char *how, const char *what)
{
	size_t n = 0, alike = 0;

	for (const struct leak_hit *h = r->hits; h != NULL; h = h->next, n++)
		alike += strcmp(h->how, how) == 0 && strcmp(h->what, what) == 0;
	return n >= LEAK_HITS || alike >= LEAK_ALIKE;
}

void
leak_hit(struct leak *l, const struct question *q, const char *how, const char *what,
	const char *where)
{
	struct arena *a = l->in->a;
	struct leak_hit *h;

	l->report->leaks++;
	if (reported(l->report, how, what))
		return;
	h = ARENA_NEW(a, struct leak_hit);
	h->profile = arena_strdup(a, l->expect.name);
	h->route = q->route->name;
	h->surface = q->api ? "api" : "page";
	h->how = how;
	h->what = arena_strdup(a, what);
	h->where = arena_strdup(a, where);
	*l->last_hit = h;
	l->last_hit = &h->next;
}

/* Which line, and which element or member it begins with. */
static const char *
place_of(struct arena *a, const char *text, size_t at)
{
	size_t line = 1, start = at, n;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	while (start > 0 && at - start < 200 && text[start] != '<' && text[start] != '{' &&
		text[start] != ',')
		start--;
	n = strspn(text + start, "<{,\"") + start;
	return arena_printf(a, "line %zu, %.*s", line,
		(int)strspn(text + n, "abcdefghijklmnopqrstuvwxyz_0123456789"), text + n);
}

static void
found(void *ctx, size_t canary, size_t at)
{
	struct look *k = ctx;
	struct leak *l = k->l;
	struct canary *c = &l->canaries[canary];
	const struct field *f = c->field;

	if (k->q->about != NULL && strcmp(k->q->about, c->sent) == 0)
		return;
	if (!c->forbidden) {
		/* One's own jobs are everybody's to see: they say nothing of records. */
		l->report->seen += !c->seen && c->aside == NULL;
		c->seen = true;
		return;
	}
	if (k->q->everywhere || k->shown[canary])
		return;
	k->shown[canary] = true;
	leak_hit(l, k->q, "shown",
		c->aside != NULL ? aside_name(l, c->aside)
				 : arena_printf(l->ask, "%s.%s of %s", entity_name(f->entity),
					   f->name, leak_thing_name(l, c->thing)),
		place_of(l->ask, k->sb.p, at));
}

static void
take(void *ctx, const char *p, size_t n)
{
	struct look *k = ctx;

	if (k->sb.n + n > ANSWER_MAX) {
		char tail[OVERLAP];

		needles_find(k->l, k->sb.p, k->sb.n, found, k);
		memcpy(tail, k->sb.p + k->sb.n - OVERLAP, OVERLAP);
		sb_clear(&k->sb);
		sb_add(&k->sb, tail, OVERLAP);
		k->whole = false;
	}
	sb_add(&k->sb, p, n);
}

static void
add_pair(struct leak *l, struct sb *sb, const char *name, struct json_object *v)
{
	sb_printf(sb, "%s%s=%s", sb->n > 0 ? "&" : "", percent_encode(l->ask, name),
		percent_encode(l->ask, json_object_get_string(v)));
}

/* A body as a page's form sends it. */
static const char *
form_of(struct leak *l, struct json_object *body)
{
	struct sb sb;

	sb_init(&sb, l->ask, (size_t)64 << 10);
	json_object_object_foreach(body, name, v)
	{
		if (json_object_is_type(v, json_type_array)) {
			for (size_t i = 0; i < json_object_array_length(v); i++)
				add_pair(l, &sb, name, json_object_array_get_idx(v, i));
		} else if (json_object_is_type(v, json_type_object)) {
			json_object_object_foreach(v, key, inner)
				add_pair(l, &sb, arena_printf(l->ask, "%s[%s]", name, key), inner);
		} else {
			add_pair(l, &sb, name, v);
		}
	}
	ASSERT(sb_ok(&sb));
	return sb.n > 0 ? sb.p : "";
}

static struct err *
serve(struct leak *l, const struct question *q, const char *method, const char *uri,
	struct answer *answer_r)
{
	struct inward in = {
		.method = method, .host = l->in->tenant->host, .uri = uri, .id = REQUEST_ID};
	struct look *k = ARENA_NEW(l->ask, struct look);
	int64_t status;
	char *end;

	k->l = l;
	k->q = q;
	k->whole = true;
	sb_init(&k->sb, l->ask, ANSWER_MAX + OVERLAP);
	if (l->expect.token)
		in.bearer = l->secret;
	else
		in.cookie = arena_printf(l->ask, SESSION_COOKIE "=%s", l->secret);
	if (strcmp(method, "GET") != 0) {
		in.csrf = csrf_of_session(l->ask, l->in->tenant, l->session);
		in.content_type = q->api ? "application/json" : "application/x-www-form-urlencoded";
		in.body = q->api ? json_object_to_json_string_ext(q->body, JSON_C_TO_STRING_PLAIN)
				 : form_of(l, q->body);
	}
	inward_serve(l->ask, gate_serve, &in, take, k);
	l->report->answers++;
	needles_find(l, k->sb.p, k->sb.n, found, k);
	*answer_r = (struct answer){.text = k->sb.p, .n = k->sb.n, .whole = k->whole};
	if (!k->whole)
		return NULL;
	end = strstr(k->sb.p, "\r\n\r\n");
	if (end == NULL || strncmp(k->sb.p, "Status: ", 8) != 0 ||
		!num_parse_i64(arena_strndup(l->ask, k->sb.p + 8, 3), 100, 599, &status))
		return err_internal(l->in->a, "an answer of %s has no head", q->route->name);
	answer_r->status = (int)status;
	answer_r->head = (size_t)(end - k->sb.p) + 4;
	return NULL;
}

/* The path that a page goes on to, within this site; NULL. */
static const char *
location(struct leak *l, const struct answer *answer)
{
	const char *at = strstr(answer->text, "\r\nLocation: /");

	if (answer->status != 303 || at == NULL || (size_t)(at - answer->text) > answer->head)
		return NULL;
	at += strlen("\r\nLocation: ");
	return arena_strndup(l->ask, at, strcspn(at, "\r"));
}

struct err *
leak_ask(struct leak *l, const struct question *q, struct answer *answer_r)
{
	bool post = q->route->method != METHOD_GET;
	const char *next;

	if (l->in->beat != NULL)
		TRY(l->in->beat(l->in->ctx));
	TRY(serve(l, q, post ? "POST" : "GET", q->uri, answer_r));
	next = location(l, answer_r);
	if (next != NULL)
		TRY(serve(l, q, "GET", next, answer_r));
	if (answer_r->status >= 500)
		leak_hit(l, q, "failed", q->what != NULL ? q->what : "",
			arena_printf(l->ask, "status %d", answer_r->status));
	l->status = answer_r->status;
	return trial_back(l->conn, l->ask);
}
