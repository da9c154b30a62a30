/* SPDX-License-Identifier: ISC */
#include "header.h"

#include <string.h>
#include <strings.h>

bool
header_is_type(const char *value, const char *type)
{
	size_t n = strlen(type);

	if (value == NULL || strncasecmp(value, type, n) != 0)
		return false;
	value += n;
	value += strspn(value, " \t");
	return *value == '\0' || *value == ';';
}

static bool
browser_escape(const char *p, char *c_r)
{
	if (strncmp(p, "%22", 3) == 0)
		*c_r = '"';
	else if (strncasecmp(p, "%0d", 3) == 0)
		*c_r = '\r';
	else if (strncasecmp(p, "%0a", 3) == 0)
		*c_r = '\n';
	else
		return false;
	return true;
}

/* *pp stands behind the opening quote; afterwards behind the closing one. */
static char *
quoted(struct arena *a, const char **pp)
{
	const char *p = *pp;
	char *out = arena_alloc(a, strlen(p) + 1);
	char *o = out;

	for (; *p != '"'; p++) {
		if (*p == '\0')
			return NULL;
		if (*p == '\\' && (p[1] == '"' || p[1] == '\\')) {
			*o++ = *++p;
		} else if (browser_escape(p, o)) {
			o++;
			p += 2;
		} else {
			*o++ = *p;
		}
	}
	*pp = p + 1;
	return out;
}

/* One "name=value" at *pp; moves behind it. */
static bool
next_param(struct arena *a, const char **pp, const char **name_r, const char **value_r)
{
	const char *p = *pp;
	size_t n = strcspn(p, "=; \t\"");

	if (n == 0 || p[n] != '=')
		return false;
	*name_r = arena_strndup(a, p, n);
	p += n + 1;
	if (*p == '"') {
		p++;
		*value_r = quoted(a, &p);
		if (*value_r == NULL)
			return false;
	} else {
		n = strcspn(p, "; \t\"");
		*value_r = arena_strndup(a, p, n);
		p += n;
	}
	*pp = p;
	return true;
}

bool
header_param(struct arena *a, const char *value, const char *name, const char **out_r)
{
	const char *p = strchrnul(value, ';');

	*out_r = NULL;
	while (*p != '\0') {
		const char *found, *text;

		if (*p != ';')
			return false;
		p += 1 + strspn(p + 1, " \t");
		if (*p == '\0' || *p == ';')
			continue;
		if (!next_param(a, &p, &found, &text))
			return false;
		p += strspn(p, " \t");
		if (strcasecmp(found, name) != 0)
			continue;
		if (*out_r != NULL)
			return false;
		*out_r = text;
	}
	return true;
}
