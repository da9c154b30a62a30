/* SPDX-License-Identifier: ISC */
/* URL-encoded forms: what was read can be written and read again. */
#include "fuzz.h"

#include <string.h>

#include "form.h"
#include "sb.h"
#include "utf8.h"

static void
put_pair(struct arena *a, struct sb *sb, const char *name, struct json_object *value)
{
	const char *s = json_object_get_string(value);

	CHECK(json_object_is_type(value, json_type_string));
	CHECK(utf8_valid(s, strlen(s)));
	CHECK(strlen(s) == (size_t)json_object_get_string_len(value));
	sb_printf(sb, "%s=%s&", percent_encode(a, name), percent_encode(a, s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct json_object *o, *again;
	struct sb sb;

	percent_decode(a, (const char *)data, size, false);
	if (form_parse(a, (const char *)data, size, 1000, &o) != NULL)
		return 0;
	sb_init(&sb, a, (size_t)64 << 20);
	json_object_object_foreach(o, name, value)
	{
		CHECK(utf8_valid(name, strlen(name)) && name[0] != '\0');
		if (!json_object_is_type(value, json_type_array)) {
			put_pair(a, &sb, name, value);
			continue;
		}
		CHECK(json_object_array_length(value) > 1);
		for (size_t i = 0; i < json_object_array_length(value); i++)
			put_pair(a, &sb, name, json_object_array_get_idx(value, i));
	}
	CHECK(form_parse(a, sb.p, sb.n, 1000, &again) == NULL);
	CHECK(json_object_equal(o, again));
	return 0;
}
