/* SPDX-License-Identifier: ISC */
#include "controls.h"

#include <string.h>

const char *
say(const struct request *rq, const char *key)
{
	return view_text(rq->a, request_lang(rq), key, NULL);
}

const char *
say_word(const struct request *rq, const char *prefix, const char *word)
{
	const char *key = arena_printf(rq->a, "%s.%s", prefix, word), *text = say(rq, key);

	return strcmp(text, key) == 0 ? word : text;
}

const char *
number_text(struct arena *a, int64_t n)
{
	const char *digits = arena_printf(a, "%lld", (long long)n);
	size_t len = strlen(digits);
	char *out = arena_alloc(a, len + len / 3 + 1), *p = out;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

const char *
count_text(const struct request *rq, const char *key, int64_t n)
{
	return view_text(rq->a, request_lang(rq),
		arena_printf(rq->a, "%s.%s", key, n == 1 ? "one" : "many"), number_text(rq->a, n));
}

struct json_object *
form_field(struct request *rq, struct json_object *list, const char *type, const char *name,
	const char *label, const char *value)
{
	struct json_object *f = model_item(list), *typed;

	if (rq->method != METHOD_GET && strcmp(type, "password") != 0 && request_has(rq, name)) {
		typed = request_value(rq, name);
		value = typed != NULL ? arena_strdup(rq->a, json_object_get_string(typed)) : "";
	}
	model_text(f, "type", type);
	model_text(f, "name", name);
	model_text(f, "label", label);
	model_text(f, "value", value);
	return f;
}

void
form_hint(const struct request *rq, struct json_object *f, const char *key)
{
	model_text(f, "hint", say(rq, key));
}

const char *
language_label(const struct request *rq, const char *tag)
{
	return say(
		rq, strcmp(tag, "zh-Hant") == 0 ? "users.language.zh_hant" : "users.language.en");
}

void
form_languages(const struct request *rq, struct json_object *f)
{
	form_option(f, "en", language_label(rq, "en"));
	form_option(f, "zh-Hant", language_label(rq, "zh-Hant"));
}

void
form_required(struct json_object *f)
{
	model_bool(f, "required", true);
}

void
form_option(struct json_object *f, const char *value, const char *label)
{
	struct json_object *list = json_object_object_get(f, "options"), *o;

	o = model_item(list != NULL ? list : model_list(f, "options"));
	model_text(o, "value", value);
	model_text(o, "label", label);
}

void
form_words(const struct request *rq, struct json_object *f, const char *const *words,
	const char *prefix)
{
	for (; *words != NULL; words++)
		form_option(f, *words, say_word(rq, prefix, *words));
}

const char *
form_word(struct request *rq, const char *name, const char *const *words, struct err **e)
{
	const char *sent = request_text(rq, name);

	for (; sent != NULL && *words != NULL; words++)
		if (strcmp(*words, sent) == 0)
			return *words;
	err_add_field(rq->a, e, name, sent == NULL ? "error.required" : "error.choice", NULL);
	return NULL;
}

void
table_column(struct json_object *columns, const char *label)
{
	model_text(model_item(columns), "label", label);
}

struct json_object *
table_cell(struct json_object *cells, const char *text, const char *badge)
{
	struct json_object *c = model_item(cells);

	model_text(c, "text", text);
	model_text(c, "kind", badge != NULL ? "badge" : "text");
	if (badge != NULL)
		model_text(c, "badge", badge);
	return c;
}
