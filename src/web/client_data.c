/* SPDX-License-Identifier: ISC */
#include "client_data.h"

#include <string.h>

#include "json_read.h"

/* NULL: absent, or no text. */
static const char *
text_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, name, &v) || !json_object_is_type(v, json_type_string))
		return NULL;
	return json_object_get_string(v);
}

static bool
is_text(struct json_object *o, const char *name, const char *wanted)
{
	const char *v = text_of(o, name);

	return v != NULL && strcmp(v, wanted) == 0;
}

bool
client_data_read(struct arena *a, struct bytes json, const char *type, const char *origin,
	const char **challenge_r)
{
	struct json_object *o, *v;
	const char *challenge;

	if (json_read(a, (const char *)json.p, json.n, &o) != NULL ||
		!json_object_is_type(o, json_type_object))
		return false;
	if (json_object_object_get_ex(o, "topOrigin", &v) ||
		(json_object_object_get_ex(o, "crossOrigin", &v) && json_object_get_boolean(v)))
		return false;
	challenge = text_of(o, "challenge");
	if (challenge == NULL || !is_text(o, "type", type) || !is_text(o, "origin", origin))
		return false;
	*challenge_r = challenge;
	return true;
}
