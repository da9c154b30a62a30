/* SPDX-License-Identifier: ISC */
/* From what people and programs send to values that can be stored. */
#include "value.h"

#include <string.h>

#include "card.h"
#include "date.h"
#include "hkid.h"
#include "money.h"
#include "num.h"
#include "phone.h"
#include "text.h"
#include "utf8.h"

#define MILLION 1000000
#define TAGS_MAX 50
#define TAG_LENGTH 50

static bool
refuse(struct arena *a, const struct field *f, struct err **e, const char *key, const char *arg)
{
	err_add_field(a, e, f->name, key, arg);
	return false;
}

static void
set_text(struct value *out, const char *text)
{
	out->text = text;
	out->null = text == NULL;
	out->val = val_text(text);
}

static bool
parse_text(struct arena *a, const struct field *f, const char *s, struct value *out, struct err **e)
{
	bool lines = f->type == FIELD_LONG_TEXT;
	/* Free text about or by a person may quote a card; a field may not hold one. */
	bool free_text = f->entity == ENTITY_ACTIVITY || f->entity == ENTITY_MESSAGE;
	const char *clean = text_clean(a, s, lines);

	if (clean != NULL && (int64_t)utf8_length(clean) > f->max_length)
		return refuse(a, f, e, "error.too_long",
			arena_printf(a, "%lld", (long long)f->max_length));
	if (clean != NULL && !free_text && card_found(clean))
		return refuse(a, f, e, "error.card", NULL);
	set_text(out, clean);
	return true;
}

/* "-12.5" -> millionths. */
static bool
parse_decimal(const char *s, int64_t *out)
{
	bool neg = *s == '-';
	int64_t whole = 0, part = 0, unit = MILLION;
	const char *p = neg ? s + 1 : s;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		whole = whole * 10 + (*p - '0');
		if (whole > 9000000000000LL)
			return false;
	}
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			part += (*p - '0') * unit;
		}
	if (*p != '\0')
		return false;
	*out = (whole * MILLION + part) * (neg ? -1 : 1);
	return true;
}

static bool
parse_time(struct arena *a, const struct field *f, const char *s, struct value *out, struct err **e)
{
	char day[11];
	int64_t usec;

	if (date_normalise(s, day))
		s = arena_printf(a, "%sT00:00", day);
	if (!time_parse(s, &usec))
		return refuse(a, f, e, "error.time", NULL);
	set_text(out, time_rfc3339(a, usec));
	return true;
}

static bool
parse_reference(
	struct arena *a, const struct field *f, const char *s, struct value *out, struct err **e)
{
	int64_t id;

	if (!num_parse_i64(s, 1, INT64_MAX, &id))
		return refuse(a, f, e, "error.reference", NULL);
	out->val = val_i64(id);
	out->text = arena_strdup(a, s);
	return true;
}

static bool
parse_money(struct arena *a, const struct field *f, const char *currency, const char *s,
	struct value *out, struct err **e)
{
	int64_t minor;

	if (!money_parse(s, currency, &minor))
		return refuse(a, f, e, "error.money", NULL);
	out->val = val_i64(minor);
	out->text = arena_printf(a, "%lld", (long long)minor);
	return true;
}

static bool
parse_string(struct arena *a, const struct field *f, const char *currency, const char *s,
	struct value *out, struct err **e)
{
	char buf[64];
	int64_t n;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LONG_TEXT:
		return parse_text(a, f, s, out, e);
	case FIELD_NUMBER:
		if (!parse_decimal(s, &n))
			return refuse(a, f, e, "error.number", NULL);
		out->val = val_i64(n);
		out->text = arena_printf(a, "%lld", (long long)n);
		return true;
	case FIELD_DATE:
		if (!date_normalise(s, buf))
			return refuse(a, f, e, "error.date", NULL);
		set_text(out, arena_strdup(a, buf));
		return true;
	case FIELD_TIME:
		return parse_time(a, f, s, out, e);
	case FIELD_CHOICE:
		if (field_choice(f, s) == NULL)
			return refuse(a, f, e, "error.choice", NULL);
		set_text(out, field_choice(f, s)->value);
		return true;
	case FIELD_EMAIL:
		set_text(out, text_email(a, s));
		return !out->null || refuse(a, f, e, "error.email", NULL);
	case FIELD_PHONE:
		if (!phone_normalise(s, buf))
			return refuse(a, f, e, "error.phone", NULL);
		set_text(out, arena_strdup(a, buf));
		return true;
	case FIELD_URL:
		set_text(out, text_url(a, s));
		if (out->null || (int64_t)utf8_length(out->text) > f->max_length)
			return refuse(a, f, e, "error.url", NULL);
		return true;
	case FIELD_HKID:
		switch (hkid_normalise(s, buf)) {
		case HKID_MALFORMED:
			return refuse(a, f, e, "error.hkid", NULL);
		case HKID_BAD_CHECK:
			out->warn_check = true;
			break;
		case HKID_VALID:
			break;
		}
		set_text(out, arena_strdup(a, buf));
		return true;
	case FIELD_MONEY:
		return parse_money(a, f, currency, s, out, e);
	case FIELD_CURRENCY:
		if (money_scale(s) < 0)
			return refuse(a, f, e, "error.currency", NULL);
		set_text(out, arena_strdup(a, s));
		return true;
	case FIELD_USER:
	case FIELD_TEAM:
	case FIELD_COMPANY:
	case FIELD_CONTACT:
		return parse_reference(a, f, s, out, e);
	default:
		return refuse(a, f, e, "error.type", NULL);
	}
}

static bool
parse_boolean(struct arena *a, const struct field *f, struct json_object *in, struct value *out,
	struct err **e)
{
	bool yes;

	if (json_object_is_type(in, json_type_boolean)) {
		yes = json_object_get_boolean(in);
	} else {
		const char *s = json_object_get_string(in);

		yes = strcmp(s, "1") == 0 || strcmp(s, "true") == 0 || strcmp(s, "on") == 0 ||
		      strcmp(s, "yes") == 0;
		if (!yes && strcmp(s, "0") != 0 && strcmp(s, "false") != 0 && strcmp(s, "no") != 0)
			return refuse(a, f, e, "error.boolean", NULL);
	}
	out->null = false;
	out->val = val_bool(yes);
	out->text = yes ? "true" : "false";
	return true;
}

/* A list of texts, or one text with commas. Kept sorted out of doubles. */
static bool
parse_tags(struct arena *a, const struct field *f, struct json_object *in, struct value *out,
	struct err **e)
{
	const char **tags = ARENA_ARRAY(a, TAGS_MAX, const char *);
	struct json_object *shown = json_object_new_array();
	size_t n = 0, from = 0;
	bool list = json_object_is_type(in, json_type_array);
	const char *rest = list ? NULL : json_object_get_string(in);

	while (list ? from < json_object_array_length(in) : rest != NULL && *rest != '\0') {
		const char *s;

		if (list) {
			struct json_object *o = json_object_array_get_idx(in, from++);

			if (!json_object_is_type(o, json_type_string)) {
				json_object_put(shown);
				return refuse(a, f, e, "error.type", NULL);
			}
			s = json_object_get_string(o);
		} else {
			size_t k = strcspn(rest, ",");

			s = arena_strndup(a, rest, k);
			rest += k + (rest[k] == ',');
		}
		s = text_clean(a, s, false);
		if (s == NULL)
			continue;
		if (n == TAGS_MAX || utf8_length(s) > TAG_LENGTH || card_found(s)) {
			json_object_put(shown);
			return refuse(a, f, e, "error.tags", NULL);
		}
		bool seen = false;
		for (size_t i = 0; i < n; i++)
			seen |= strcmp(tags[i], s) == 0;
		if (!seen) {
			tags[n++] = s;
			json_object_array_add(shown, json_object_new_string(s));
		}
	}
	out->null = n == 0;
	out->val = n == 0 ? NO_VAL : val_texts(tags, n);
	out->text = n == 0 ? NULL
			   : arena_strdup(a,
				     json_object_to_json_string_ext(shown, JSON_C_TO_STRING_PLAIN));
	json_object_put(shown);
	return true;
}

static const char *
number_text(struct arena *a, struct json_object *in)
{
	return arena_strdup(a, json_object_to_json_string(in));
}

bool
value_parse(struct arena *a, const struct field *f, const char *currency, struct json_object *in,
	struct value *out, struct err **e)
{
	const char *s;
	struct json_object *amount, *cur;

	memset(out, 0, sizeof(*out));
	out->null = true;
	if (in == NULL)
		return f->type != FIELD_BOOLEAN || refuse(a, f, e, "error.required", NULL);
	if (json_object_is_type(in, json_type_string) && json_object_get_string_len(in) == 0)
		return f->type != FIELD_BOOLEAN || refuse(a, f, e, "error.required", NULL);
	out->null = false;
	if (f->type == FIELD_TAGS && (json_object_is_type(in, json_type_array) ||
					     json_object_is_type(in, json_type_string)))
		return parse_tags(a, f, in, out, e);
	if (f->type == FIELD_BOOLEAN && (json_object_is_type(in, json_type_boolean) ||
						json_object_is_type(in, json_type_string)))
		return parse_boolean(a, f, in, out, e);
	if (f->type == FIELD_MONEY && json_object_is_type(in, json_type_object)) {
		if (json_object_object_length(in) > 2 ||
			!json_object_object_get_ex(in, "amount", &amount) ||
			!json_object_is_type(amount, json_type_string))
			return refuse(a, f, e, "error.money", NULL);
		if (json_object_object_get_ex(in, "currency", &cur) &&
			(!json_object_is_type(cur, json_type_string) ||
				strcmp(json_object_get_string(cur), currency) != 0))
			return refuse(a, f, e, "error.currency", NULL);
		in = amount;
	}
	if (json_object_is_type(in, json_type_int) || json_object_is_type(in, json_type_double)) {
		bool id = f->type >= FIELD_USER && f->type <= FIELD_CONTACT;

		if (!id && f->type != FIELD_NUMBER && f->type != FIELD_MONEY)
			return refuse(a, f, e, "error.type", NULL);
		s = number_text(a, in);
	} else if (json_object_is_type(in, json_type_string)) {
		s = text_clean(a, json_object_get_string(in), true);
		if (s == NULL) {
			out->null = true;
			return true;
		}
	} else {
		return refuse(a, f, e, "error.type", NULL);
	}
	return parse_string(a, f, currency, s, out, e);
}
