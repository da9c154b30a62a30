/* SPDX-License-Identifier: ISC */
/* Values as rows hold them, as the API gives them and as people read them. */
#include "value.h"

#include <string.h>

#include "date.h"
#include "hkid.h"
#include "log.h"
#include "money.h"
#include "num.h"
#include "phone.h"
#include "sb.h"

#define MILLION 1000000

void
value_from_text(struct arena *a, const struct field *f, const char *text, struct value *out)
{
	(void)a;
	(void)f;
	memset(out, 0, sizeof(*out));
	out->null = text == NULL;
	out->text = text;
	out->val = val_text(text);
}

void
value_from_row(struct arena *a, const struct field *f, const struct rows *r, size_t row, size_t col,
	struct value *out)
{
	memset(out, 0, sizeof(*out));
	if (rows_null(r, row, col)) {
		out->null = true;
		return;
	}
	switch (f->type) {
	case FIELD_TAGS: {
		size_t n;
		const char **tags = rows_texts(a, r, row, col, &n);
		struct json_object *list = json_object_new_array();

		for (size_t i = 0; i < n; i++)
			json_object_array_add(list, json_object_new_string(tags[i]));
		out->text = arena_strdup(
			a, json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN));
		json_object_put(list);
		out->val = val_texts(tags, n);
		break;
	}
	case FIELD_TIME:
		out->text = time_rfc3339(a, rows_i64(r, row, col));
		break;
	case FIELD_BOOLEAN:
		out->val = val_bool(rows_bool(r, row, col));
		out->text = out->val.u.yes ? "true" : "false";
		break;
	default:
		out->text = rows_text(r, row, col);
	}
}

static int64_t
text_i64(const char *s)
{
	int64_t v = 0;

	ASSERT(num_parse_i64(s, INT64_MIN, INT64_MAX, &v));
	return v;
}

static const char *
decimal_text(struct arena *a, int64_t v)
{
	int64_t abs = v < 0 ? -v : v;
	char *s;
	size_t n;

	if (abs % MILLION == 0)
		return arena_printf(a, "%s%lld", v < 0 ? "-" : "", (long long)(abs / MILLION));
	s = arena_printf(a, "%s%lld.%06lld", v < 0 ? "-" : "", (long long)(abs / MILLION),
		(long long)(abs % MILLION));
	for (n = strlen(s); s[n - 1] == '0'; n--)
		s[n - 1] = '\0';
	return s;
}

void
value_json(struct arena *a, const struct field *f, const char *currency, const struct value *v,
	struct json_object *o, const char *name)
{
	struct json_object *m;

	if (v->null) {
		model_null(o, name);
		return;
	}
	switch (f->type) {
	case FIELD_NUMBER: {
		const char *s = decimal_text(a, text_i64(v->text));

		json_object_object_add(o, name,
			strchr(s, '.') == NULL ? json_object_new_int64(text_i64(s))
					       : json_object_new_double_s(0, s));
		break;
	}
	case FIELD_SIZE:
	case FIELD_USER:
	case FIELD_TEAM:
	case FIELD_COMPANY:
	case FIELD_CONTACT:
		model_i64(o, name, text_i64(v->text));
		break;
	case FIELD_BOOLEAN:
		model_bool(o, name, strcmp(v->text, "true") == 0);
		break;
	case FIELD_MONEY:
		m = model_child(o, name);
		model_text(m, "amount", money_plain(a, text_i64(v->text), currency));
		model_text(m, "currency", currency);
		break;
	case FIELD_TAGS:
		json_object_object_add(o, name, json_tokener_parse(v->text));
		break;
	default:
		model_text(o, name, v->text);
	}
}

static const char *
tags_text(struct arena *a, const char *json)
{
	struct json_object *list = json_tokener_parse(json);
	struct sb sb;

	sb_init(&sb, a, 8192);
	for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++)
		sb_printf(&sb, "%s%s", i > 0 ? ", " : "",
			json_object_get_string(json_object_array_get_idx(list, i)));
	json_object_put(list);
	return sb.p;
}

static const char *
size_text(struct arena *a, int64_t n)
{
	if (n < 1024)
		return arena_printf(a, "%lld B", (long long)n);
	if (n < 1048576)
		return arena_printf(a, "%lld KB", (long long)((n + 512) / 1024));
	return arena_printf(a, "%lld.%lld MB", (long long)(n / 1048576),
		(long long)(n % 1048576 * 10 / 1048576));
}

const char *
value_show(struct arena *a, const struct field *f, const char *currency, const struct value *v,
	enum lang l)
{
	int64_t usec;

	if (v->null)
		return "";
	switch (f->type) {
	case FIELD_NUMBER:
		return decimal_text(a, text_i64(v->text));
	case FIELD_SIZE:
		return size_text(a, text_i64(v->text));
	case FIELD_DATE:
		return date_show(a, v->text, lang_tag(l));
	case FIELD_TIME:
		return time_parse(v->text, &usec) ? time_show(a, usec, lang_tag(l)) : v->text;
	case FIELD_CHOICE: {
		const struct choice *c = field_choice(f, v->text);

		return c == NULL ? v->text : l == LANG_ZH ? c->label_zh : c->label_en;
	}
	case FIELD_BOOLEAN:
		return view_text(
			a, l, strcmp(v->text, "true") == 0 ? "common.yes" : "common.no", NULL);
	case FIELD_PHONE: {
		char *shown = arena_alloc(a, PHONE_SHOWN);

		phone_show(v->text, shown);
		return shown;
	}
	case FIELD_MONEY:
		return money_show(a, text_i64(v->text), currency);
	case FIELD_TAGS:
		return tags_text(a, v->text);
	default:
		return v->text;
	}
}

const char *
value_input(struct arena *a, const struct field *f, const char *currency, const struct value *v)
{
	int64_t usec;

	if (v->null)
		return "";
	switch (f->type) {
	case FIELD_NUMBER:
		return decimal_text(a, text_i64(v->text));
	case FIELD_MONEY:
		return money_plain(a, text_i64(v->text), currency);
	case FIELD_TAGS:
		return tags_text(a, v->text);
	case FIELD_TIME: {
		/* datetime-local, in Hong Kong: eight hours ahead of UTC, no summer time. */
		char *s;

		if (!time_parse(v->text, &usec))
			return v->text;
		s = arena_strdup(a, time_rfc3339(a, usec + 8LL * 3600 * 1000000));
		s[16] = '\0';
		return s;
	}
	case FIELD_PHONE: {
		char *shown = arena_alloc(a, PHONE_SHOWN);

		phone_show(v->text, shown);
		return shown;
	}
	default:
		return v->text;
	}
}

const char *
value_mask(struct arena *a, const struct field *f, const char *text)
{
	char *out;

	if (f->type != FIELD_HKID || text == NULL)
		return "••••••";
	out = arena_alloc(a, HKID_SIZE);
	hkid_mask(text, out);
	return out;
}

const char *
value_column(struct arena *a, const struct field *f, const char *alias)
{
	if (!f->sealed && f->type == FIELD_TIME)
		return arena_printf(
			a, "(extract(epoch from %s.%s) * 1000000)::bigint", alias, f->column);
	return arena_printf(a, "%s.%s", alias, f->column);
}

const char *
value_cast(const struct field *f)
{
	switch (f->type) {
	case FIELD_NUMBER:
	case FIELD_SIZE:
	case FIELD_MONEY:
	case FIELD_USER:
	case FIELD_TEAM:
	case FIELD_COMPANY:
	case FIELD_CONTACT:
		return "bigint";
	case FIELD_DATE:
		return "date";
	case FIELD_TIME:
		return "timestamptz";
	case FIELD_BOOLEAN:
		return "boolean";
	case FIELD_TAGS:
		return "text[]";
	default:
		return "text";
	}
}
