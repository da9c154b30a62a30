/* SPDX-License-Identifier: ISC */
/* Models: json-c objects tied to an arena. json-c reports a lack of memory with
 * NULL, which no caller could mend, so it ends the process here. */
#include <json-c/json.h>
#include <string.h>

#include "log.h"
#include "response.h"

static struct json_object *
must(struct json_object *o)
{
	if (o == NULL)
		log_fatal("out of memory");
	return o;
}

static void
put(struct json_object *o, const char *name, struct json_object *v)
{
	if (json_object_object_add(o, name, v) != 0)
		log_fatal("out of memory");
}

static void
push(struct json_object *list, struct json_object *v)
{
	if (json_object_array_add(list, v) != 0)
		log_fatal("out of memory");
}

static void
release(void *o)
{
	json_object_put(o);
}

struct json_object *
model_own(struct arena *a, struct json_object *o)
{
	arena_on_reset(a, release, must(o));
	return o;
}

struct json_object *
model_object(struct arena *a)
{
	return model_own(a, json_object_new_object());
}

struct json_object *
model_child(struct json_object *o, const char *name)
{
	struct json_object *v = must(json_object_new_object());

	put(o, name, v);
	return v;
}

struct json_object *
model_list(struct json_object *o, const char *name)
{
	struct json_object *v = must(json_object_new_array());

	put(o, name, v);
	return v;
}

struct json_object *
model_item(struct json_object *list)
{
	struct json_object *v = must(json_object_new_object());

	push(list, v);
	return v;
}

void
model_text(struct json_object *o, const char *name, const char *v)
{
	put(o, name, v != NULL ? must(json_object_new_string(v)) : NULL);
}

void
model_i64(struct json_object *o, const char *name, int64_t v)
{
	put(o, name, must(json_object_new_int64(v)));
}

void
model_bool(struct json_object *o, const char *name, bool v)
{
	put(o, name, must(json_object_new_boolean(v)));
}

void
model_null(struct json_object *o, const char *name)
{
	put(o, name, NULL);
}

void
model_push_text(struct json_object *list, const char *v)
{
	push(list, v != NULL ? must(json_object_new_string(v)) : NULL);
}

void
model_push_i64(struct json_object *list, int64_t v)
{
	push(list, must(json_object_new_int64(v)));
}
