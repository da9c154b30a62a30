/* SPDX-License-Identifier: ISC */
/* JSON: what was read can be written and read again, and is the same. */
#include "fuzz.h"

#include <string.h>

#include "json_read.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct json_object *o, *again;
	const char *text;

	if (json_read(a, (const char *)data, size, &o) != NULL)
		return 0;
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	CHECK(strlen(text) > 0);
	CHECK(json_read(a, text, strlen(text), &again) == NULL);
	CHECK(o == again || json_object_equal(o, again));
	return 0;
}
