/* SPDX-License-Identifier: ISC */
#include "messages.h"

#include <errno.h>
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
load_messages(HDF *set, const char *folder, enum lang l)
{
	char path[4096];
	char *text;
	HDF *node;
	int n = snprintf(path, sizeof(path), "%s/%s.hdf", folder, lang_tag(l));

	if (n < 0 || (size_t)n >= sizeof(path))
		log_fatal("the folder of the catalogues has too long a name");
	must(hdf_get_node(set, "T", &node), path);
	must(ne_load_file(path, &text), path);
	must(hdf_read_string(node, text), path);
	free(text);
}

/* "app.css app.1a2b3c4d.css" makes Asset.app_css = /static/app.1a2b3c4d.css */
static void
load_assets(HDF *set, const char *path)
{
	char line[512], name[256], hashed[256], key[300], url[300];
	FILE *f = fopen(path, "re");

	if (f == NULL)
		log_fatal("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%255s %255s", name, hashed) != 2)
			log_fatal("%s: a line is not \"name hashed\"", path);
		for (char *p = name; *p != '\0'; p++) {
			if (*p == '.' || *p == '-')
				*p = '_';
		}
		snprintf(key, sizeof(key), "Asset.%s", name);
		snprintf(url, sizeof(url), "/static/%s", hashed);
		must(hdf_set_value(set, key, url), path);
	}
	if (ferror(f))
		log_fatal("%s: %s", path, strerror(errno));
	fclose(f);
}

void
messages_load(const char *i18n, const char *assets)
{
	static const char *const html[LANG_MAX] = {"en-HK", "zh-Hant-HK"};

	for (enum lang l = 0; l < LANG_MAX; l++) {
		HDF *set;

		must(hdf_init(&set), i18n);
		load_messages(set, i18n, l);
		load_assets(set, assets);
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
