/* SPDX-License-Identifier: ISC */
/* Canaries: values that stand nowhere else, and the forms they are shown in. */
#include <string.h>

#include "part.h"

/* Words are "q0012" and the profile's mark: their first eight letters differ. */
static const char *
word(struct leak *l)
{
	return arena_printf(l->work, "q%04u%s", l->serial, l->mark);
}

/* A day of long ago, one after the other, from 1880 on: months of 28 days will do. */
static const char *
day(struct leak *l)
{
	unsigned n = l->serial % (100 * 336);

	return arena_printf(
		l->work, "%04u-%02u-%02u", 1830 + n / 336, 1 + n % 336 / 28, 1 + n % 28);
}

/* Lists are in the order of these: what is new stays on top. */
static bool
orders(const struct field *f)
{
	const char *sort = entity_def(f->entity)->sort;

	return strcmp(sort + (*sort == '-'), f->name) == 0;
}

const char *
canary_value(struct leak *l, const struct field *f)
{
	l->serial = (l->serial + 1) % 10000;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LONG_TEXT:
	case FIELD_TAGS:
		return f->max_length != 0 && f->max_length < 14 ? NULL : word(l);
	case FIELD_EMAIL:
		return arena_printf(l->work, "%s@leak.invalid", word(l));
	case FIELD_URL:
		return arena_printf(l->work, "https://leak.invalid/%s", word(l));
	case FIELD_PHONE:
		/* A country's number that no country has. */
		return arena_printf(l->work, "+88216%04u%04u", l->serial, 4821 + l->serial);
	case FIELD_HKID:
		return arena_printf(l->work, "WX3%04u7(%u)", l->serial, l->serial % 10);
	case FIELD_NUMBER:
		return arena_printf(l->work, "73910%04u5", l->serial);
	case FIELD_MONEY:
		return arena_printf(l->work, "7391%04u.37", l->serial);
	case FIELD_DATE:
		return orders(f) ? "2199-12-31" : day(l);
	case FIELD_TIME:
		return orders(f) ? NULL : arena_printf(l->work, "%sT05:06:07Z", day(l));
	default:
		return NULL;
	}
}

size_t
canary_forms(
	struct leak *l, const struct field *f, const struct value *v, const char *forms[LEAK_SENT])
{
	const char *currency = l->cx.cat->currency;
	struct json_object *o = model_object(l->ask), *m;
	size_t n = 0;

	forms[n++] = v->text;
	for (int lang = 0; lang < LANG_MAX; lang++)
		forms[n++] = value_show(l->ask, f, currency, v, (enum lang)lang);
	forms[n++] = value_input(l->ask, f, currency, v);
	value_json(l->ask, f, currency, v, o, "v");
	m = json_object_object_get(o, "v");
	if (json_object_is_type(m, json_type_object))
		m = json_object_object_get(m, "amount");
	if (m != NULL)
		forms[n++] = json_object_get_string(m);
	return n;
}

void
canary_add(struct leak *l, size_t thing, const struct field *f, const char *sent,
	const struct value *v)
{
	size_t n = l->ncanaries;
	const char *at = strstr(sent, l->mark), *forms[LEAK_SENT];

	if (n == CANARIES_MAX)
		return;
	l->canaries[n] = (struct canary){.thing = thing,
		.field = f,
		.sent = sent,
		.forbidden = !l->things[thing].visible || expect_level(l, f) <= LEVEL_MASKED};
	l->ncanaries++;
	/* A word shows in whatever is made of the value. */
	if (at != NULL)
		needle_add(l, n, arena_printf(l->work, "%.*s%s", 5, at - 5, l->mark));
	else
		for (size_t i = canary_forms(l, f, v, forms); i-- > 0;)
			needle_add(l, n, forms[i]);
}
