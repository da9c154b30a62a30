/* SPDX-License-Identifier: ISC */
/*
 * Results are malloc'd because ClearSilver frees them.
 */
#include "function.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Browsers drop control characters inside an address and read '\' as '/', so
 * that "/\t/host" leaves the site: neither may occur. */
static bool
is_clean(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '\\')
			return false;
	}
	return true;
}

static NEOERR *
give(const char *s, size_t n, char **out)
{
	*out = strndup(s, n);
	return *out != NULL ? STATUS_OK : nerr_raise(NERR_NOMEM, "function result");
}

/* path(x): an address on this site, or "#". */
static NEOERR *
path(const char *in, char **out)
{
	bool ok = in[0] == '/' && in[1] != '/' && is_clean(in);

	return give(ok ? in : "#", ok ? strlen(in) : 1, out);
}

/* weburl(x): an http or https address, or "#". */
static NEOERR *
weburl(const char *in, char **out)
{
	bool ok = (strncasecmp(in, "https://", 8) == 0 || strncasecmp(in, "http://", 7) == 0) &&
		  is_clean(in);

	return give(ok ? in : "#", ok ? strlen(in) : 1, out);
}

/* thousands(x): 1234567 -> 1,234,567. What is not a whole number stays. */
static NEOERR *
thousands(const char *in, char **out)
{
	char buf[64];
	size_t n = strlen(in), sign = in[0] == '-', w = 0;

	if (n == sign || n > 40 || strspn(in + sign, "0123456789") != n - sign)
		return give(in, n, out);
	for (size_t i = 0; i < n; i++) {
		if (i > sign && (n - i) % 3 == 0)
			buf[w++] = ',';
		buf[w++] = in[i];
	}
	return give(buf, w, out);
}

/* dial(x): a telephone number as a tel: address takes it. */
static NEOERR *
dial(const char *in, char **out)
{
	char buf[32];
	size_t n = 0;

	for (; *in != '\0' && n < sizeof(buf); in++) {
		if ((*in >= '0' && *in <= '9') || (*in == '+' && n == 0))
			buf[n++] = *in;
	}
	return give(buf, n, out);
}

static NEOERR *
url_escape(const char *in, char **out)
{
	return nerr_pass(neos_url_escape(in, out, NULL));
}

/* fill(message, x): the message with its first %s replaced. */
static NEOERR *
fill(CSPARSE *parse, CS_FUNCTION *f, CSARG *args, CSARG *result)
{
	char *message = NULL, *arg = NULL;
	NEOERR *e = cs_arg_parse(parse, args, "ss", &message, &arg);
	char *at;

	(void)f;
	if (e != STATUS_OK)
		return nerr_pass(e);
	result->op_type = CS_TYPE_STRING;
	result->s = message != NULL ? message : strdup("");
	result->alloc = 1;
	if (message != NULL && (at = strstr(message, "%s")) != NULL) {
		size_t before = (size_t)(at - message);
		size_t middle = arg != NULL ? strlen(arg) : 0;
		size_t after = strlen(at + 2);
		char *s = malloc(before + middle + after + 1);

		if (s != NULL) {
			memcpy(s, message, before);
			memcpy(s + before, arg != NULL ? arg : "", middle);
			memcpy(s + before + middle, at + 2, after + 1);
		}
		free(message);
		result->s = s;
	}
	free(arg);
	return result->s != NULL ? STATUS_OK : nerr_raise(NERR_NOMEM, "function result");
}

NEOERR *
function_register(CSPARSE *parse)
{
	static const struct {
		const char *name;
		CSSTRFUNC fn;
	} list[] = {
		{"path", path},
		{"weburl", weburl},
		{"thousands", thousands},
		{"dial", dial},
		{"url_escape", url_escape},
	};
	NEOERR *e;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char name[16];

		/* the library takes char * and copies it */
		snprintf(name, sizeof(name), "%s", list[i].name);
		e = cs_register_strfunc(parse, name, list[i].fn);
		if (e != STATUS_OK)
			return nerr_pass(e);
	}
	return nerr_pass(cs_register_function(parse, "fill", 2, fill));
}
