/* SPDX-License-Identifier: ISC */
#include "view.h"

#include <ClearSilver.h>

#include "messages.h"
#include "log.h"
#include "dataset.h"
#include "template.h"

void
view_init(const char *templates, const char *i18n, const char *assets, bool development)
{
	if (nerr_init() != STATUS_OK)
		log_fatal("out of memory");
	messages_load(i18n, assets);
	template_load(templates, development);
}

const char *
view_text(struct arena *a, enum lang l, const char *key, const char *arg)
{
	const char *message = messages_find(l, key);

	return messages_fill(a, message != NULL ? message : key, arg);
}

struct err *
view_page(struct arena *a, const char *template, enum lang l, struct json_object *data,
	struct json_object *page, struct json_object *chrome, struct sb *out)
{
	return view_page_rows(a, template, l, data, page, chrome, NULL, out);
}

struct err *
view_page_rows(struct arena *a, const char *template, enum lang l, struct json_object *data,
	struct json_object *page, struct json_object *chrome, const struct view_rows *rows,
	struct sb *out)
{
	struct json_object *const parts[] = {data, page, chrome};
	static const char *const names[] = {"Data", "Page", "Chrome"};
	struct err *e;
	int linked = 0;
	HDF *top;
	NEOERR *trouble = hdf_init(&top);

	if (trouble != STATUS_OK) {
		nerr_ignore(&trouble);
		return err_internal(a, "template: out of memory");
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i] != NULL)
			linked++;
		dataset_link(a, top, names[i], parts[i]);
	}
	if (rows != NULL)
		dataset_add_rows(a, top, "Page", rows);
	else
		dataset_join_columns(a, top, "Page");
	e = template_render(a, template, top, messages_set(l), out);
	dataset_unlink(top, linked);
	hdf_destroy(&top);
	return e;
}

void
view_json(struct json_object *o, struct sb *out)
{
	size_t n;
	const char *text = json_object_to_json_string_length(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

	sb_add(out, text, n);
}
