/* SPDX-License-Identifier: ISC */
#include "messages.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

static HDF *sets[LANG_MAX];

/* For start-up: the reason names files and lines, never data. */
static void
must(NEOERR *e, const char *what)
{
	STRING s;

	if (e == STATUS_OK)
		return;
	string_init(&s);
	nerr_error_string(e, &s);
	log_fatal("%s: %s", what, s.buf);
}

static void
load_file(HDF *set, const char *name, const char *path)
{
	char *text;
	HDF *node;

	must(hdf_get_node(set, name, &node), path);
	must(ne_load_file(path, &text), path);
	must(hdf_read_string(node, text), path);
	free(text);
}

void
messages_load(const char *i18n, const char *assets)
{
	static const char *const html[LANG_MAX] = {"en-HK", "zh-Hant-HK"};

	for (enum lang l = 0; l < LANG_MAX; l++) {
		char path[4096];
		HDF *set;
		int n = snprintf(path, sizeof(path), "%s/%s.hdf", i18n, lang_tag(l));

		if (n < 0 || (size_t)n >= sizeof(path))
			log_fatal("the folder of the catalogues has too long a name");
		must(hdf_init(&set), i18n);
		load_file(set, "T", path);
		load_file(set, "Asset", assets);
		must(hdf_set_value(set, "Lang.tag", lang_tag(l)), i18n);
		must(hdf_set_value(set, "Lang.html", html[l]), i18n);
		must(hdf_set_value(set, "Lang.other", lang_tag(l == LANG_EN ? LANG_ZH : LANG_EN)),
			i18n);
		hdf_destroy(&sets[l]);
		sets[l] = set;
	}
}

HDF *
messages_set(enum lang l)
{
	ASSERT(l < LANG_MAX && sets[l] != NULL);
	return sets[l];
}

const char *
messages_find(enum lang l, const char *key)
{
	HDF *messages = hdf_get_obj(messages_set(l), "T");

	/* an empty key would name the whole tree */
	return key[0] == '\0' ? NULL : hdf_get_value(messages, key, NULL);
}

const char *
messages_fill(struct arena *a, const char *message, const char *arg)
{
	const char *at = strstr(message, "%s");

	if (at == NULL)
		return message;
	return arena_printf(
		a, "%.*s%s%s", (int)(at - message), message, arg != NULL ? arg : "", at + 2);
}
