/* SPDX-License-Identifier: ISC */
/*
 * Renders fixtures: golden TEMPLATES I18N ASSETS OUTPUT FIXTURE.json...
 *
 * A fixture is {"template", "chrome", "data", "page"}; "chrome" names a member
 * of chrome.json beside it, or is left out (a mail). Anywhere in them {"en": .., "zh-Hant": ..}
 * stands for the text of the language. OUTPUT/NAME.LANG.html is written.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "view.h"

static struct json_object *
localise(struct json_object *o, const char *lang)
{
	struct json_object *out, *text;

	switch (json_object_get_type(o)) {
	case json_type_object:
		if (json_object_object_length(o) == 2 &&
			json_object_object_get_ex(o, "zh-Hant", NULL) &&
			json_object_object_get_ex(o, lang, &text))
			return json_object_get(text);
		out = json_object_new_object();
		json_object_object_foreach(o, name, value)
			json_object_object_add(out, name, localise(value, lang));
		return out;
	case json_type_array:
		out = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(o); i++)
			json_object_array_add(out, localise(json_object_array_get_idx(o, i), lang));
		return out;
	default:
		return json_object_get(o);
	}
}

static struct json_object *
part(struct json_object *fixture, const char *name, enum lang l)
{
	struct json_object *o = json_object_object_get(fixture, name);

	return o != NULL ? localise(o, lang_tag(l)) : NULL;
}

static struct json_object *
read_json(const char *path)
{
	struct json_object *o = json_object_from_file(path);

	if (o == NULL)
		log_fatal("%s: %s", path, json_util_get_last_err());
	return o;
}

static void
write_page(const char *folder, const char *fixture, enum lang l, const struct sb *page)
{
	char path[4096], name[256];
	FILE *f;

	snprintf(name, sizeof(name), "%s", basename(strdupa(fixture)));
	name[strcspn(name, ".")] = '\0';
	snprintf(path, sizeof(path), "%s/%s.%s.html", folder, name, lang_tag(l));
	f = fopen(path, "w");
	if (f == NULL || fwrite(page->p, 1, page->n, f) != page->n || fclose(f) != 0)
		log_fatal("cannot write %s", path);
}

static void
render(struct arena *a, const char *path, enum lang l, const char *folder)
{
	struct json_object *fixture = read_json(path);
	struct json_object *frames =
		read_json(arena_printf(a, "%s/chrome.json", dirname(arena_strdup(a, path))));
	const char *frame = json_object_get_string(json_object_object_get(fixture, "chrome"));
	struct json_object *data = part(fixture, "data", l), *page = part(fixture, "page", l);
	struct json_object *chrome = frame != NULL ? part(frames, frame, l) : NULL;
	struct sb out;
	struct err *e;

	sb_init(&out, a, (size_t)4 << 20);
	if (chrome != NULL)
		json_object_object_add(chrome, "lang", json_object_new_string(lang_tag(l)));
	e = view_page(a, json_object_get_string(json_object_object_get(fixture, "template")), l,
		data, page, chrome, &out);
	if (e != NULL)
		log_fatal("%s: %s", path, e->detail);
	write_page(folder, path, l, &out);
	json_object_put(data);
	json_object_put(page);
	json_object_put(chrome);
	json_object_put(fixture);
	json_object_put(frames);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new((size_t)64 << 20);

	log_init("golden");
	if (argc < 6)
		log_fatal("usage: golden TEMPLATES I18N ASSETS OUTPUT FIXTURE.json...");
	view_init(argv[1], argv[2], argv[3], false);
	for (int i = 5; i < argc; i++) {
		for (enum lang l = 0; l < LANG_MAX; l++) {
			arena_reset(a);
			render(a, argv[i], l, argv[4]);
		}
	}
	arena_free(&a);
	return 0;
}
