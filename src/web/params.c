/* SPDX-License-Identifier: ISC */
#include "params.h"

#include <string.h>

#include "date.h"
#include "form.h"
#include "json_read.h"
#include "log.h"
#include "num.h"
#include "response.h"
#include "utf8.h"

#define ERRORS_MAX 50
#define SHOWN_NAME 100
#define TEXT_DEFAULT 200
#define LONG_DEFAULT 20000
#define LIST_DEFAULT 200
#define FILTERS_MAX 50

/* What is wrong with a value; key NULL: nothing. */
struct problem {
	const char *key;
	const char *arg;
};

static const struct problem fine = {NULL, NULL};
static const struct problem wrong_type = {"error.type", NULL};

void
params_fail(
	struct params_reader *r, struct err **e, const char *name, const char *key, const char *arg)
{
	size_t n = strlen(name);

	if (r->errors++ >= ERRORS_MAX)
		return;
	if (n > SHOWN_NAME) {
		for (n = SHOWN_NAME; ((unsigned char)name[n] & 0xc0) == 0x80; n--)
			;
		name = arena_strndup(r->a, name, n);
	}
	err_add_field(r->a, e, name, key, arg);
}

int64_t
param_max(const struct param *p)
{
	if (p->max != 0)
		return p->max;
	switch (p->type) {
	case P_TEXT:
		return TEXT_DEFAULT;
	case P_LONG:
		return LONG_DEFAULT;
	case P_I64:
		return INT64_MAX;
	case P_TEXTS:
	case P_I64S:
		return LIST_DEFAULT;
	case P_FILE:
		return 1;
	case P_FILTERS:
		return FILTERS_MAX;
	default:
		return 0;
	}
}

bool
params_reported(const struct err *e, const char *name)
{
	for (const struct err_field *f = e != NULL ? e->fields : NULL; f != NULL; f = f->next)
		if (strcmp(f->name, name) == 0)
			return true;
	return false;
}

const struct param *
params_find(const struct params_reader *r, const char *name)
{
	enum param_in in = r->source == FROM_QUERY ? IN_QUERY : IN_BODY;

	for (const struct param *p = r->params; p != NULL && p->name != NULL; p++)
		if ((p->in & in) != 0 && strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static struct json_object *
new_text(const char *s)
{
	struct json_object *o = json_object_new_string(s);

	ASSERT(o != NULL);
	return o;
}

static struct json_object *
new_i64(int64_t v)
{
	struct json_object *o = json_object_new_int64(v);

	ASSERT(o != NULL);
	return o;
}

/* One line holds no control character but a tab, which a paste can bring. */
static struct problem
check_text(struct params_reader *r, const char *s, int64_t max, bool lines)
{
	for (const char *p = s; *p != '\0'; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t' &&
			    !(lines && (*p == '\n' || *p == '\r'))) ||
			*p == 0x7f)
			return wrong_type;
	if (utf8_length(s) > (size_t)max)
		return (struct problem){
			"error.too_long", arena_printf(r->a, "%lld", (long long)max)};
	return fine;
}

static struct problem
check_range(struct params_reader *r, int64_t v, int64_t min, int64_t max)
{
	const char *arg;

	if (v >= min && v <= max)
		return fine;
	if (max == INT64_MAX)
		arg = arena_printf(r->a, "≥ %lld", (long long)min);
	else
		arg = arena_printf(r->a, "%lld–%lld", (long long)min, (long long)max);
	return (struct problem){"error.range", arg};
}

/* A whole number, as a JSON integer or (from a form) as text. */
static struct problem
read_i64(struct params_reader *r, struct json_object *in, int64_t min, int64_t max,
	struct json_object **out)
{
	struct problem why;
	int64_t v = 0;

	if (r->source == FROM_JSON && json_object_is_type(in, json_type_int)) {
		v = json_object_get_int64(in);
	} else if (r->source == FROM_JSON || !json_object_is_type(in, json_type_string)) {
		return wrong_type;
	} else {
		const char *s = json_object_get_string(in);

		size_t n;

		s += strspn(s, " ");
		for (n = strlen(s); n > 0 && s[n - 1] == ' '; n--)
			;
		s = arena_strndup(r->a, s, n);
		if (!num_parse_i64(s, INT64_MIN, INT64_MAX, &v))
			return wrong_type;
	}
	why = check_range(r, v, min, max);
	if (why.key == NULL)
		*out = new_i64(v);
	return why;
}

static struct problem
read_text(struct params_reader *r, const struct param *p, struct json_object *in,
	struct json_object **out)
{
	struct problem why;

	if (!json_object_is_type(in, json_type_string))
		return wrong_type;
	why = check_text(r, json_object_get_string(in), param_max(p), p->type == P_LONG);
	if (why.key == NULL)
		*out = json_object_get(in);
	return why;
}

/* Forms: a checkbox sends "on" or its value, a hidden "0" before it may say
 * that it was there but not ticked. */
static struct problem
read_bool(struct params_reader *r, struct json_object *in, struct json_object **out)
{
	static const char *const yes[] = {"1", "on", "true"}, *const no[] = {"0", "off", "false"};
	const char *s;

	if (r->source == FROM_JSON) {
		if (!json_object_is_type(in, json_type_boolean))
			return wrong_type;
		*out = json_object_get(in);
		return fine;
	}
	s = json_object_get_string(in);
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (strcmp(s, yes[i]) == 0 || strcmp(s, no[i]) == 0) {
			*out = json_object_new_boolean(strcmp(s, yes[i]) == 0);
			return fine;
		}
	return wrong_type;
}

static struct problem
read_date(struct json_object *in, struct json_object **out)
{
	char iso[11];

	if (!json_object_is_type(in, json_type_string) ||
		!date_normalise(json_object_get_string(in), iso))
		return (struct problem){"error.date", NULL};
	*out = new_text(iso);
	return fine;
}

static struct problem
read_list_item(struct params_reader *r, const struct param *p, struct json_object *item,
	struct json_object *list)
{
	struct json_object *v = NULL;
	struct problem why;

	if (p->type == P_I64S) {
		why = read_i64(r, item, p->min, INT64_MAX, &v);
	} else if (!json_object_is_type(item, json_type_string)) {
		why = wrong_type;
	} else {
		why = check_text(r, json_object_get_string(item), TEXT_DEFAULT, false);
		v = why.key == NULL ? json_object_get(item) : NULL;
	}
	if (v != NULL)
		json_object_array_add(list, v);
	return why;
}

/* A list; a form's single value is a list of one, and its empty ones are what
 * an untouched input sends. */
static struct problem
read_list(struct params_reader *r, const struct param *p, struct json_object *in,
	struct json_object **out)
{
	int64_t max = param_max(p);
	bool many = json_object_is_type(in, json_type_array);
	size_t n = many ? json_object_array_length(in) : 1;
	struct json_object *list;

	if (!many && r->source == FROM_JSON)
		return wrong_type;
	if (n > (size_t)max)
		return (struct problem){
			"error.too_many_values", arena_printf(r->a, "%lld", (long long)max)};
	list = json_object_new_array();
	ASSERT(list != NULL);
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = many ? json_object_array_get_idx(in, i) : in;
		struct problem why;

		if (r->source != FROM_JSON && json_object_get_string_len(item) == 0)
			continue;
		why = read_list_item(r, p, item, list);
		if (why.key != NULL) {
			json_object_put(list);
			return why;
		}
	}
	*out = list;
	return fine;
}

static struct problem
read_json(struct params_reader *r, struct json_object *in, struct json_object **out)
{
	struct json_object *v;

	if (r->source != FROM_JSON) {
		const char *s = json_object_get_string(in);

		if (json_read(r->a, s, strlen(s), &v) != NULL)
			return wrong_type;
		in = v;
	}
	*out = json_object_get(in);
	return fine;
}

static struct problem
read_value(struct params_reader *r, const struct param *p, struct json_object *in,
	struct json_object **out)
{
	bool form = r->source != FROM_JSON;

	*out = NULL;
	if (in == NULL)
		return fine;
	if (p->type == P_TEXTS || p->type == P_I64S)
		return read_list(r, p, in, out);
	if (form && json_object_is_type(in, json_type_array)) {
		if (p->type != P_BOOL)
			return wrong_type;
		in = json_object_array_get_idx(in, json_object_array_length(in) - 1);
	}
	if (form && json_object_get_string_len(in) == 0)
		return fine;
	switch (p->type) {
	case P_TEXT:
	case P_LONG:
		return read_text(r, p, in, out);
	case P_I64:
		return read_i64(r, in, p->min, param_max(p), out);
	case P_BOOL:
		return read_bool(r, in, out);
	case P_DATE:
		return read_date(in, out);
	case P_JSON:
		return read_json(r, in, out);
	case P_FILTERS:
		if (form || !json_object_is_type(in, json_type_object))
			return wrong_type;
		if (json_object_object_length(in) > param_max(p))
			return (struct problem){"error.too_many_values",
				arena_printf(r->a, "%lld", (long long)param_max(p))};
		*out = json_object_get(in);
		return fine;
	default:
		return wrong_type;
	}
}

/* "filter[NAME]" -> the P_FILTERS parameter "filter" and NAME. */
static const struct param *
find_filter(struct params_reader *r, const char *name, const char **inner_r)
{
	const char *open = strchr(name, '['), *close = open != NULL ? strchr(open, ']') : NULL;
	const struct param *p;

	if (r->source == FROM_JSON || close == NULL || close[1] != '\0' || close == open + 1)
		return NULL;
	if (memchr(open + 1, '[', (size_t)(close - open - 1)) != NULL)
		return NULL;
	p = params_find(r, arena_strndup(r->a, name, (size_t)(open - name)));
	if (p == NULL || p->type != P_FILTERS)
		return NULL;
	*inner_r = arena_strndup(r->a, open + 1, (size_t)(close - open - 1));
	return p;
}

static void
add_filter(struct params_reader *r, const struct param *p, const char *inner,
	struct json_object *value, struct json_object *out, struct err **e)
{
	struct json_object *filters;

	if (!json_object_is_type(value, json_type_array) && json_object_get_string_len(value) == 0)
		return;
	if (!json_object_object_get_ex(out, p->name, &filters))
		filters = model_child(out, p->name);
	if (json_object_object_length(filters) >= param_max(p)) {
		params_fail(r, e, p->name, "error.too_many_values",
			arena_printf(r->a, "%lld", (long long)param_max(p)));
		return;
	}
	json_object_object_add(filters, inner, json_object_get(value));
}

/* What the gate itself puts into every form. */
static bool
is_reserved(const char *name)
{
	static const char *const names[] = {"_csrf", "_form", "_version", "_lang", "_clear",
		"_confirm", "_carry", "_password", "_code", "_credential", "_client_data",
		"_authenticator_data", "_signature", "_user_handle"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* A catalogue field: record/ knows its type. Forms have no null, "" means it. */
static void
add_field(struct params_reader *r, const char *name, struct json_object *value,
	struct json_object *out)
{
	if (r->source == FROM_FORM && json_object_is_type(value, json_type_string) &&
		json_object_get_string_len(value) == 0)
		value = NULL;
	json_object_object_add(out, name, json_object_get(value));
}

static void
apply_one(struct params_reader *r, const char *name, struct json_object *value,
	struct json_object *out, struct err **e)
{
	const struct param *p = params_find(r, name);
	struct json_object *typed;
	const char *inner;

	if (p != NULL) {
		struct problem why = read_value(r, p, value, &typed);

		if (why.key != NULL)
			params_fail(r, e, name, why.key, why.arg);
		else
			json_object_object_add(out, name, typed);
		return;
	}
	p = find_filter(r, name, &inner);
	if (p != NULL) {
		add_filter(r, p, inner, value, out, e);
	} else if (r->source == FROM_FORM && is_reserved(name)) {
		json_object_object_add(out, name, json_object_get(value));
	} else if (r->source != FROM_QUERY && r->entity != NULL && r->is_field != NULL &&
		   r->is_field(r->ctx, r->entity, name)) {
		add_field(r, name, value, out);
	} else {
		params_fail(r, e, name, "error.unknown_field", NULL);
	}
}

void
params_apply(
	struct params_reader *r, struct json_object *raw, struct json_object *out, struct err **e)
{
	json_object_object_foreach(raw, name, value) apply_one(r, name, value, out, e);
}
