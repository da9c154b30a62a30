/* SPDX-License-Identifier: ISC */
/* What is sent about a field, checked before anything is done. */
#include "field.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

#define LABEL_MAX 80
#define CHOICES_MAX 100
#define CHOICE_LENGTH 60

const char *const field_new_types[] = {
	"text", "long_text", "number", "date", "choice", "boolean", "email", "phone", "url", NULL};
const char *const field_categories[] = {"none", "identity", "contact", "government_id", "financial",
	"demographic", "employment", "preference", "opinion", "correspondence", "health", "other",
	NULL};
const char *const field_grounds[] = {
	"law", "exempt_purpose", "holder_interest", "detriment_to_others", "loss", NULL};

/* Names that records carry beside their fields, in the API. */
static const char *const reserved[] = {"id", "version", "created_at", "updated_at", "archived",
	"erased", "masked", "warnings", "lines", "bill_to", "q", "filter", "filters", "sort",
	"limit", "after", "query", "reason", "confirm", "fields", NULL};

bool
field_word_in(const char *const *list, const char *s)
{
	for (; s != NULL && *list != NULL; list++)
		if (strcmp(*list, s) == 0)
			return true;
	return false;
}

/* category: a word of the list. pii: true, false, or such a word. */
const char *
field_category_read(struct request *rq, struct err **e)
{
	struct json_object *v = request_value(rq, "pii");
	const char *category = request_text(rq, "category");

	if (category == NULL && v != NULL && json_object_is_type(v, json_type_boolean))
		return json_object_get_boolean(v) ? "other" : "none";
	if (category == NULL && v != NULL && json_object_is_type(v, json_type_string)) {
		category = json_object_get_string(v);
		if (strcmp(category, "true") == 0 || strcmp(category, "1") == 0)
			return "other";
		if (strcmp(category, "false") == 0 || strcmp(category, "0") == 0)
			return "none";
	}
	if (category == NULL && v != NULL)
		err_add_field(rq->a, e, "pii", "error.choice", NULL);
	if (category != NULL && !field_word_in(field_categories, category))
		err_add_field(rq->a, e, request_has(rq, "category") ? "category" : "pii",
			"error.choice", NULL);
	return category;
}

const char *
field_label_read(struct request *rq, const char *name, struct err **e)
{
	const char *text = request_text(rq, name);

	if (!request_has(rq, name))
		return NULL;
	text = text != NULL ? text_clean(rq->a, text, false) : NULL;
	if (text == NULL)
		err_add_field(rq->a, e, name, "error.required", NULL);
	else if (utf8_length(text) > LABEL_MAX)
		err_add_field(rq->a, e, name, "error.too_long", "80");
	return text;
}

static bool
name_ok(const char *s)
{
	size_t n = strlen(s);

	return n >= 2 && n <= 40 && s[0] >= 'a' && s[0] <= 'z' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == n && strncmp(s, "cf_", 3) != 0;
}

/* Lines of a form's text area. */
static struct json_object *
choice_lines(struct request *rq, const char *text)
{
	struct json_object *list = model_own(rq->a, json_object_new_array());
	char *copy = arena_strdup(rq->a, text), *save = NULL;

	for (char *s = strtok_r(copy, "\r\n", &save); s != NULL; s = strtok_r(NULL, "\r\n", &save))
		if (text_clean(rq->a, s, false) != NULL)
			model_push_text(list, s);
	return list;
}

static const char *
choice_text(struct request *rq, struct json_object *v, const char *member)
{
	struct json_object *x;

	if (member != NULL) {
		if (!json_object_object_get_ex(v, member, &x))
			return NULL;
		v = x;
	}
	return json_object_is_type(v, json_type_string)
		       ? text_clean(rq->a, json_object_get_string(v), false)
		       : NULL;
}

/* "red", or {value, label_en, label_zh}. False: it is neither, or too long. */
static bool
choice_add(struct request *rq, struct json_object *v, struct json_object *out)
{
	bool object = json_object_is_type(v, json_type_object);
	const char *value = choice_text(rq, v, object ? "value" : NULL);
	const char *en = object ? choice_text(rq, v, "label_en") : NULL;
	const char *zh = object ? choice_text(rq, v, "label_zh") : NULL;
	struct json_object *o;

	if (value == NULL || utf8_length(value) > CHOICE_LENGTH ||
		(en != NULL && utf8_length(en) > LABEL_MAX) ||
		(zh != NULL && utf8_length(zh) > LABEL_MAX))
		return false;
	for (size_t i = 0; i < json_object_array_length(out); i++)
		if (strcmp(json_object_get_string(json_object_object_get(
				   json_object_array_get_idx(out, i), "value")),
			    value) == 0)
			return false;
	o = model_item(out);
	model_text(o, "value", value);
	model_text(o, "label_en", en != NULL ? en : value);
	model_text(o, "label_zh", zh != NULL ? zh : en != NULL ? en : value);
	return true;
}

/* A list of the API or lines of text, in the form in which they are kept. */
static const char *
choices_read(struct request *rq, struct err **e)
{
	struct json_object *in = request_value(rq, "choices"),
			   *out = model_own(rq->a, json_object_new_array());
	size_t n;

	if (in != NULL && json_object_is_type(in, json_type_string))
		in = choice_lines(rq, json_object_get_string(in));
	n = in != NULL && json_object_is_type(in, json_type_array) ? json_object_array_length(in)
								   : 0;
	if (n == 0) {
		err_add_field(rq->a, e, "choices", "error.required", NULL);
		return NULL;
	}
	if (n > CHOICES_MAX) {
		err_add_field(rq->a, e, "choices", "error.too_many_values", "100");
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		if (!choice_add(rq, json_object_array_get_idx(in, i), out)) {
			err_add_field(rq->a, e, "choices", "error.choices", NULL);
			return NULL;
		}
	return json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN);
}

static void
check_name(struct request *rq, const struct field_wanted *w, struct err **e)
{
	if (*w->name == '\0')
		err_add_field(rq->a, e, "name", "error.required", NULL);
	else if (!name_ok(w->name))
		err_add_field(rq->a, e, "name", "error.field_name", NULL);
	else if (field_word_in(reserved, w->name) ||
		 (w->entity != ENTITY_NONE &&
			 catalogue_find(rq->catalogue, w->entity, w->name) != NULL))
		err_add_field(rq->a, e, "name", "error.taken", NULL);
}

static const char *
word(const struct request *rq, const char *name)
{
	const char *text = request_text(rq, name);

	return text != NULL ? text : "";
}

static const char *
free_text(struct request *rq, const char *name)
{
	const char *text = request_text(rq, name);

	text = text != NULL ? text_clean(rq->a, text, true) : NULL;
	return text != NULL ? text : "";
}

struct err *
field_wanted_read(struct request *rq, struct field_wanted *w)
{
	struct err *e = NULL;

	w->entity = entity_parse(word(rq, "entity"));
	w->name = word(rq, "name");
	w->type = word(rq, "type");
	if (w->entity != ENTITY_CONTACT && w->entity != ENTITY_COMPANY)
		err_add_field(rq->a, &e, "entity", "error.choice", NULL);
	check_name(rq, w, &e);
	if (!field_word_in(field_new_types, w->type))
		err_add_field(rq->a, &e, "type", "error.choice", NULL);
	w->label_en = field_label_read(rq, "label_en", &e);
	if (!request_has(rq, "label_en"))
		err_add_field(rq->a, &e, "label_en", "error.required", NULL);
	w->label_zh = request_text(rq, "label_zh") != NULL ? field_label_read(rq, "label_zh", &e)
							   : w->label_en;
	w->category = field_category_read(rq, &e);
	/* Nobody said: then it is treated as personal data, the strict way. */
	if (w->category == NULL)
		w->category = "other";
	w->purpose = free_text(rq, "purpose");
	w->justification = free_text(rq, "justification");
	if (strcmp(w->category, "none") != 0 && w->entity == ENTITY_CONTACT && *w->purpose == '\0')
		err_add_field(rq->a, &e, "purpose", "error.required", NULL);
	if (request_bool(rq, "sealed", false) && w->entity != ENTITY_CONTACT)
		err_add_field(rq->a, &e, "sealed", "error.sealed_contact", NULL);
	w->choices = strcmp(w->type, "choice") == 0 ? choices_read(rq, &e) : NULL;
	return e;
}
