/* SPDX-License-Identifier: ISC */
/* Cookies: the input is a name, a newline, and the header. */
#include "fuzz.h"

#include <string.h>

#include "form.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	const char *name = arena_strndup(a, (const char *)data, size), *header, *value;
	size_t n = strcspn(name, "\n");

	if (n == 0 || name[n] == '\0')
		return 0;
	header = name + n + 1;
	name = arena_strndup(a, name, n);
	value = cookie_find(a, header, name);
	if (value == NULL) {
		/* Added at the end it is found, unless an unended value swallows it. */
		header = arena_printf(a, "%s;%s=1", header, name);
		value = cookie_find(a, header, name);
		CHECK(strpbrk(name, "=; \t") != NULL || (value != NULL && strcmp(value, "1") == 0));
		return 0;
	}
	CHECK(strchr(value, ';') == NULL);
	CHECK(strstr(header, arena_printf(a, "%s=%s", name, value)) != NULL);
	return 0;
}
