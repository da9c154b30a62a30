/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conn_private.h"

const char *const *
conn_environ(struct arena *a, const char *conninfo)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
	const char **env;
	size_t n = 0;

	if (options == NULL)
		return NULL;
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
		n++;
	env = ARENA_ARRAY(a, n + 1, const char *);
	n = 0;
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
		if (o->val != NULL && o->envvar != NULL)
			env[n++] = arena_printf(a, "%s=%s", o->envvar, o->val);
	PQconninfoFree(options);
	return env;
}
