/* SPDX-License-Identifier: ISC */
/*
 * The line of a question to the log: words "filter:value", blanks between them, a value
 * with blanks in quotation marks. Filters have the names of the parameters, or what the
 * page calls them in either language; values are the API's codes, or the page's words.
 */
#include <string.h>
#include <strings.h>

#include "audit.h"
#include "audit_filter.h"
#include "controls.h"
#include "num.h"

#define WORD_SHOWN 60
#define WIDE_COLON "\xef\xbc\x9a" /* as Chinese keyboards have it */
#define WIDE_BLANK "\xe3\x80\x80"

/* Whole address, its part before the @ or the whole name; else a part of either. */
STMT(find_user, "audit.user", 1,
	"select user_id, lower(email) = lower($1) or split_part(lower(email), '@', 1) = lower($1) "
	"or lower(name) = lower($1) from app_user where starts_with(lower(email), lower($1)) "
	"or position(lower($1) in lower(name)) > 0 order by 2 desc, 1 limit 3");

struct word {
	const char *text; /* as it was typed, shortened: for what is wrong with it */
	const char *key;
	const char *value;
	bool open; /* a quotation mark without its other half */
};

static size_t
blank_at(const char *p)
{
	return *p == ' ' || *p == '\t' ? 1 : strncmp(p, WIDE_BLANK, 3) == 0 ? 3 : 0;
}

static size_t
colon_at(const char *p)
{
	return *p == ':' ? 1 : strncmp(p, WIDE_COLON, 3) == 0 ? 3 : 0;
}

static const char *
shown(struct arena *a, const char *p, size_t n)
{
	if (n <= WORD_SHOWN)
		return arena_strndup(a, p, n);
	for (n = WORD_SHOWN; n > 0 && ((unsigned char)p[n] & 0xc0) == 0x80; n--)
		;
	return arena_printf(a, "%s…", arena_strndup(a, p, n));
}

/* The next word of *p; false: there is none. */
static bool
next_word(struct arena *a, const char **p, struct word *w)
{
	const char *begin, *q, *colon = NULL;
	struct sb value;
	bool quoted = false;
	size_t skip = 0;

	while ((skip = blank_at(*p)) > 0)
		*p += skip;
	if (**p == '\0')
		return false;
	begin = *p;
	sb_init(&value, a, 2048);
	for (q = begin; *q != '\0' && (quoted || blank_at(q) == 0); q += skip) {
		skip = 1;
		if (*q == '"')
			quoted = !quoted;
		else if (colon == NULL && !quoted && colon_at(q) > 0) {
			colon = q;
			skip = colon_at(q);
		} else if (colon != NULL)
			sb_putc(&value, *q);
	}
	*w = (struct word){.text = shown(a, begin, (size_t)(q - begin)),
		.key = colon == NULL ? NULL : arena_strndup(a, begin, (size_t)(colon - begin)),
		.value = value.p,
		.open = quoted};
	*p = q;
	return true;
}

/* Is the word what the page calls it, in either language? */
static bool
is_label(struct request *rq, const char *prefix, const char *code, const char *word)
{
	const char *key = arena_printf(rq->a, "%s.%s", prefix, code);

	for (int l = 0; l < LANG_MAX; l++)
		if (strcasecmp(view_text(rq->a, (enum lang)l, key, NULL), word) == 0)
			return true;
	return false;
}

static const char *
filter_of(struct request *rq, const char *key)
{
	for (const char *const *n = audit_filter_names; *n != NULL; n++)
		if (strcasecmp(*n, key) == 0 || is_label(rq, "audit.key", *n, key))
			return *n;
	return strcasecmp(key, "person") == 0    ? "contact"
	       : strcasecmp(key, "address") == 0 ? "ip"
						 : NULL;
}

/* The code of a word of the page. */
static const char *
code_of(struct request *rq, const char *filter, const char *value)
{
	static const char *const outcomes[] = {"ok", "denied", "failed", NULL};

	for (int v = 0; strcmp(filter, "view") == 0 && v < AUDIT_VIEWS; v++)
		if (is_label(rq, "audit.view", audit_view_name((enum audit_view)v), value))
			return audit_view_name((enum audit_view)v);
	for (const struct audit_action *const *x = audit_actions;
		strcmp(filter, "action") == 0 && *x != NULL; x++)
		if (is_label(rq, "audit.action", (*x)->name, value))
			return (*x)->name;
	for (const char *const *o = outcomes; strcmp(filter, "outcome") == 0 && *o != NULL; o++)
		if (is_label(rq, "audit.outcome_label", *o, value))
			return *o;
	for (int e = 0; strcmp(filter, "entity") == 0 && e < ENTITY_MAX; e++)
		if (is_label(rq, "entity",
			    arena_printf(rq->a, "%s.one", entity_name((enum entity)e)), value))
			return entity_name((enum entity)e);
	for (const char *const *o = audit_entities; strcmp(filter, "entity") == 0 && *o != NULL;
		o++)
		if (is_label(rq, "audit.entity_word", *o, value))
			return *o;
	return value;
}

/* "me", a number, or whoever is meant. *key_r: what is wrong. */
static struct err *
user_of(struct request *rq, const char *value, const char **text_r, const char **key_r)
{
	struct rows *r;
	int64_t id;

	*key_r = NULL;
	*text_r = value;
	if (num_parse_i64(value, 1, INT64_MAX, &id))
		return NULL;
	if (strcmp(value, "me") == 0) {
		*text_r = arena_printf(rq->a, "%lld", (long long)rq->principal->user_id);
		return NULL;
	}
	TRY(tx_query(rq->tx, &find_user, VALS(val_text(value)), &r));
	if (rows_count(r) == 0)
		*key_r = "error.audit_no_user";
	else if (rows_count(r) > 1 && (!rows_bool(r, 0, 1) || rows_bool(r, 1, 1)))
		*key_r = "error.audit_users";
	else
		*text_r = arena_printf(rq->a, "%lld", (long long)rows_i64(r, 0, 0));
	return NULL;
}

/* A field that the reader may know of, of some kind of record. */
static bool
is_field(struct request *rq, const char *text)
{
	const struct record_ctx cx = record_ctx_of(rq);
	const char *dot = strchr(text, '.'), *name = dot != NULL ? dot + 1 : text;
	enum field_level level;

	for (int e = 0; e < ENTITY_MAX; e++) {
		const char *entity = entity_name((enum entity)e);

		if (dot != NULL && (strlen(entity) != (size_t)(dot - text) ||
					   strncmp(entity, text, (size_t)(dot - text)) != 0))
			continue;
		if (principal_may(cx.principal, (enum entity)e, RIGHT_VIEW) &&
			(catalogue_visible(cx.cat, cx.principal, (enum entity)e, name, &level) !=
					NULL ||
				audit_part(&cx, (enum entity)e, name) != NULL))
			return true;
	}
	return false;
}

static const char *
wrong_value(const char *filter)
{
	static const char *const keys[][2] = {{"contact", "error.audit_number"},
		{"record", "error.audit_number"}, {"session", "error.audit_number"},
		{"ip", "error.audit_ip"}, {"from", "error.audit_time"}, {"to", "error.audit_time"}};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i][0], filter) == 0)
			return keys[i][1];
	return "error.audit_value";
}

/* *key_r: what is wrong with the word; NULL: nothing. */
static struct err *
take_word(struct request *rq, const struct word *w, struct audit_filter *f, const char **key_r)
{
	const char *filter = w->key != NULL ? filter_of(rq, w->key) : NULL, *value = w->value;

	*key_r = w->open                                      ? "error.audit_quote"
		 : w->key == NULL                             ? "error.audit_word"
		 : filter == NULL                             ? "error.audit_filter"
		 : *value == '\0'                             ? "error.audit_empty"
		 : audit_filter_get(rq->a, f, filter) != NULL ? "error.audit_word_twice"
							      : NULL;
	if (*key_r == NULL && strcmp(filter, "actor") == 0)
		TRY(user_of(rq, value, &value, key_r));
	if (*key_r == NULL && strcmp(filter, "field") == 0 && !is_field(rq, value))
		*key_r = "error.audit_no_field";
	if (*key_r == NULL &&
		audit_filter_set(rq->a, f, filter, code_of(rq, filter, value)) != NULL)
		*key_r = wrong_value(filter);
	return NULL;
}

struct err *
audit_line_read(struct request *rq, const char *line, struct audit_filter *f)
{
	struct word w;
	const char *key;

	while (next_word(rq->a, &line, &w)) {
		struct err *e = NULL;

		TRY(take_word(rq, &w, f, &key));
		if (key == NULL)
			continue;
		err_add_field(rq->a, &e, "q", key, w.text);
		e->kind = ERR_BAD_REQUEST;
		return e;
	}
	return NULL;
}
