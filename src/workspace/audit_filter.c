/* SPDX-License-Identifier: ISC */
#include "audit_filter.h"

#include <arpa/inet.h>
#include <string.h>

#include "audit.h"
#include "controls.h"
#include "date.h"
#include "form.h"
#include "model.h"
#include "num.h"

#define DAY_USEC (24LL * 3600 * 1000000)

const char *const audit_filter_names[] = {"view", "actor", "contact", "entity", "record", "action",
	"outcome", "field", "ip", "session", "from", "to", NULL};

static const char *const outcomes[] = {"ok", "denied", "failed", NULL};

static const char *
set_number(const char *text, int64_t *n)
{
	return num_parse_i64(text, 1, INT64_MAX, n) ? NULL : "error.number";
}

/* A day is of Hong Kong; "to" a day means through its end. The first day there is and the
 * last one bound nothing. */
static const char *
set_time(struct arena *a, const char *text, bool end, const char **text_r, int64_t *usec_r)
{
	char day[11];
	int64_t usec;

	if (date_normalise(text, day)) {
		*text_r = arena_strdup(a, day);
		if (!time_parse(arena_printf(a, "%sT00:00", day), &usec))
			return NULL;
		usec += end ? DAY_USEC : 0;
		*usec_r = end && strcmp(day, "9999-12-31") == 0 ? 0 : usec;
		return NULL;
	}
	if (!time_parse(text, usec_r))
		return "error.date";
	*text_r = text;
	return NULL;
}

static const char *
set_ip(const char *text, const char **ip)
{
	unsigned char raw[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, text, raw) != 1 && inet_pton(AF_INET6, text, raw) != 1)
		return "error.format";
	*ip = text;
	return NULL;
}

static const char *
set_word(const char *text, bool known, const char **word)
{
	if (!known)
		return "error.choice";
	*word = text;
	return NULL;
}

static bool
is_outcome(const char *text)
{
	for (const char *const *o = outcomes; *o != NULL; o++)
		if (strcmp(*o, text) == 0)
			return true;
	return false;
}

/* A kind of record or of thing that events are about. */
static bool
is_entity(struct arena *a, const char *word)
{
	const char *key = arena_printf(a, "audit.entity_word.%s", word);

	return entity_parse(word) != ENTITY_NONE ||
	       strcmp(view_text(a, LANG_EN, key, NULL), key) != 0;
}

const char *
audit_filter_set(struct arena *a, struct audit_filter *f, const char *name, const char *text)
{
	if (strcmp(name, "view") == 0) {
		enum audit_view v = audit_view_parse(text);

		f->view = v == AUDIT_VIEWS ? AUDIT_ALL : v;
		return v == AUDIT_VIEWS ? "error.choice" : NULL;
	}
	if (strcmp(name, "actor") == 0)
		return set_number(text, &f->actor);
	if (strcmp(name, "contact") == 0)
		return set_number(text, &f->contact);
	if (strcmp(name, "record") == 0)
		return set_number(text, &f->record);
	if (strcmp(name, "session") == 0)
		return set_number(text, &f->session);
	if (strcmp(name, "action") == 0)
		return set_word(text, audit_action_find(text) != NULL, &f->action);
	if (strcmp(name, "entity") == 0)
		return set_word(text, is_entity(a, text), &f->entity);
	if (strcmp(name, "outcome") == 0)
		return set_word(text, is_outcome(text), &f->outcome);
	if (strcmp(name, "field") == 0)
		return set_word(text, true, &f->field);
	if (strcmp(name, "ip") == 0)
		return set_ip(text, &f->ip);
	if (strcmp(name, "from") == 0)
		return set_time(a, text, false, &f->from, &f->from_usec);
	if (strcmp(name, "to") == 0)
		return set_time(a, text, true, &f->to, &f->to_usec);
	return "error.unknown_field";
}

static const char *
number(struct arena *a, int64_t n)
{
	return n == 0 ? NULL : arena_printf(a, "%lld", (long long)n);
}

const char *
audit_filter_get(struct arena *a, const struct audit_filter *f, const char *name)
{
	const struct {
		const char *name, *text;
	} all[] = {{"view", f->view == AUDIT_ALL ? NULL : audit_view_name(f->view)},
		{"actor", number(a, f->actor)}, {"contact", number(a, f->contact)},
		{"record", number(a, f->record)}, {"session", number(a, f->session)},
		{"action", f->action}, {"entity", f->entity}, {"outcome", f->outcome},
		{"field", f->field}, {"ip", f->ip}, {"from", f->from}, {"to", f->to}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].text;
	return NULL;
}

void
audit_filter_model(struct arena *a, const struct audit_filter *f, struct json_object *o)
{
	for (const char *const *n = audit_filter_names; *n != NULL; n++) {
		const char *text = audit_filter_get(a, f, *n);

		if (text != NULL)
			model_text(o, *n, text);
	}
}

void
audit_filter_load(struct arena *a, struct json_object *o, struct audit_filter *f)
{
	*f = (struct audit_filter){0};
	for (const char *const *n = audit_filter_names; *n != NULL; n++) {
		const char *text = json_object_get_string(json_object_object_get(o, *n));

		if (text != NULL)
			(void)!audit_filter_set(a, f, *n, arena_strdup(a, text));
	}
}

const char *
audit_filter_line(struct arena *a, const struct audit_filter *f)
{
	struct sb sb;

	sb_init(&sb, a, 4096);
	for (const char *const *n = audit_filter_names; *n != NULL; n++) {
		const char *text = audit_filter_get(a, f, *n);

		if (text != NULL)
			sb_printf(&sb, "%s%s:%s", sb.n > 0 ? " " : "",
				strcmp(*n, "contact") == 0 ? "person" : *n, text);
	}
	return sb.n > 0 ? sb.p : NULL;
}

const char *
audit_filter_url(struct arena *a, const char *path, const struct audit_filter *f)
{
	struct sb sb;
	char sep = '?';

	sb_init(&sb, a, 4096);
	sb_puts(&sb, path);
	for (const char *const *n = audit_filter_names; *n != NULL; n++) {
		const char *text = audit_filter_get(a, f, *n);

		if (text == NULL)
			continue;
		sb_printf(&sb, "%c%s=%s", sep, *n, percent_encode(a, text));
		sep = '&';
	}
	return sb.p;
}

struct err *
audit_filter_read(struct request *rq, struct audit_filter *f)
{
	const char *line = request_text(rq, "q");
	struct err *e = NULL;

	*f = (struct audit_filter){0};
	if (line != NULL && *line != '\0')
		TRY(audit_line_read(rq, line, f));
	for (const char *const *n = audit_filter_names; *n != NULL; n++) {
		const char *text = json_object_get_string(request_value(rq, *n)), *key;

		if (text == NULL || *text == '\0')
			continue;
		key = audit_filter_get(rq->a, f, *n) != NULL ? "error.audit_twice"
							     : audit_filter_set(rq->a, f, *n, text);
		if (key != NULL)
			err_add_field(rq->a, &e, *n, key, NULL);
	}
	if (e != NULL)
		e->kind = ERR_BAD_REQUEST;
	return e;
}

/* Sets of fields with the field in them, of the kinds of records where the reader knows of
 * one by that name: a hidden field is asked for in vain, like one that is not there. */
static void
add_sets(struct sqlb *b, const struct record_ctx *cx, const char *text)
{
	const char **names = ARENA_ARRAY(cx->a, ENTITY_MAX + 2, const char *), **fields;
	const char *dot = strchr(text, '.'), *field = dot != NULL ? dot + 1 : text;
	enum entity only = dot == NULL
				   ? ENTITY_NONE
				   : entity_parse(arena_strndup(cx->a, text, (size_t)(dot - text)));
	enum field_level level;
	size_t n = 0;

	for (int e = 0; e < ENTITY_MAX; e++)
		if ((dot == NULL || only == (enum entity)e) &&
			principal_may(cx->principal, (enum entity)e, RIGHT_VIEW) &&
			(catalogue_visible(cx->cat, cx->principal, (enum entity)e, field, &level) !=
					NULL ||
				audit_part(cx, (enum entity)e, field) != NULL))
			names[n++] = entity_name((enum entity)e);
	fields = names + ENTITY_MAX;
	fields[0] = field;
	fields[1] = arena_printf(cx->a, "%s~", field);
	sqlb_add(b,
		"array(select x.field_set_id from field_set x where x.entity = any (%s) "
		"and x.fields && ",
		sqlb_val(b, val_texts(names, n), "text[]"));
	sqlb_add(b, "%s)", sqlb_val(b, val_texts(fields, 2), "text[]"));
}

struct val
audit_filter_actions(struct arena *a, const struct audit_filter *f)
{
	const char **names = ARENA_ARRAY(a, 40, const char *);
	size_t n = 0;

	for (const struct audit_action *const *x = audit_actions; *x != NULL; x++)
		if (f->action != NULL ? strcmp((*x)->name, f->action) == 0 &&
						(f->view == AUDIT_ALL || f->view == (*x)->view)
				      : f->view != AUDIT_ALL && (*x)->view == f->view)
			names[n++] = (*x)->name;
	return f->action == NULL && f->view == AUDIT_ALL ? NO_VAL : val_texts(names, n);
}

static struct val
time_val(struct arena *a, int64_t usec)
{
	return usec == 0 ? NO_VAL : val_text(time_rfc3339(a, usec));
}

void
audit_filter_sql(struct sqlb *b, const struct record_ctx *cx, const struct audit_filter *f,
	const char *at, int64_t id, int64_t want)
{
	/* What hangs on a contact, and itself, is found by the person. */
	bool person = f->contact == 0 && f->record != 0 && f->entity != NULL &&
		      strcmp(f->entity, "contact") == 0;

	int64_t contact = person ? f->record : f->contact;

	/* Of somebody who is not visible there is nothing to find. */
	if (contact != 0)
		sqlb_add(b,
			"(select contact_id from contact where contact_id = %s) c cross join "
			"lateral ",
			sqlb_val(b, val_i64(contact), "bigint"));
	sqlb_add(b, "audit_find(%s, %s, ", sqlb_val(b, val_id(f->actor), "bigint"),
		contact != 0 ? "c.contact_id" : "null");
	sqlb_add(b, "%s, ", sqlb_val(b, val_text(f->entity), "text"));
	sqlb_add(b, "%s, ", sqlb_val(b, val_id(f->record), "bigint"));
	sqlb_add(b, "%s, ", sqlb_val(b, audit_filter_actions(cx->a, f), "text[]"));
	sqlb_add(b, "%s, ", sqlb_val(b, val_text(f->outcome), "text"));
	if (f->field != NULL)
		add_sets(b, cx, f->field);
	else
		sqlb_add(b, "null");
	sqlb_add(b, ", %s, ", sqlb_val(b, val_text(f->ip), "inet"));
	sqlb_add(b, "%s, ", sqlb_val(b, val_id(f->session), "bigint"));
	sqlb_add(b, "%s, ", sqlb_val(b, time_val(cx->a, f->from_usec), "timestamptz"));
	sqlb_add(b, "%s, ", sqlb_val(b, time_val(cx->a, f->to_usec), "timestamptz"));
	sqlb_add(b, "%s, ", sqlb_val(b, val_text(at), "timestamptz"));
	sqlb_add(b, "%s, ", sqlb_val(b, val_id(id), "bigint"));
	sqlb_add(b, "%s) x", sqlb_val(b, val_i64(want), "integer"));
}
