/* SPDX-License-Identifier: ISC */
/*
 * Rendering: a model becomes a ClearSilver page.
 *
 * Templates are parsed once a process. Escaping is on for every variable
 * (Config.VarEscapeMode=html before cs_init); a lint refuses the commands that
 * go around it. A template sees:
 *   Data.*    the model (same as the API's body)
 *   Page.*    what only the page needs
 *   Chrome.*  user, workspace, navigation, language, CSRF token, flash message
 *   T.*       the message catalogue in the reader's language
 *   Asset.*   hashed names of static files: Asset.app_css -> /static/app.1a2b3c.css
 *   Lang.*    tag, html (for the lang attribute), other
 * templates/README.md is the manual for those who write pages.
 * Lists are Data.items.0, .1, ... JSON true is "1", false "0", null is absent.
 */
#ifndef PRAYA_VIEW_H
#define PRAYA_VIEW_H

#include <json-c/json.h>

#include "err.h"
#include "sb.h"

enum lang { LANG_EN, LANG_ZH, LANG_MAX };

const char *lang_tag(enum lang l);            /* "en", "zh-Hant" */
enum lang lang_parse(const char *tag);        /* anything unknown is English */
enum lang lang_negotiate(const char *accept); /* Accept-Language */

/* Loads catalogues and the list of assets; fatal when a file is missing or a
 * template does not parse. In development mode templates are read anew each time. */
void view_init(const char *templates, const char *i18n, const char *assets, bool development);

/* The message of a key, "%s" filled with arg; the key itself when it is missing. */
const char *view_text(struct arena *a, enum lang l, const char *key, const char *arg);

/* template: "contact/list" -> templates/contact/list.cs. chrome may be NULL. */
struct err *view_page(struct arena *a, const char *template, enum lang l, struct json_object *data,
	struct json_object *page, struct json_object *chrome, struct sb *out);

/* The rows of a table (Page.rows) as they are, without the way over JSON: a list
 * has hundreds of cells, and making, walking and freeing their objects costs as
 * much as printing the page. NULL where a cell has no such thing. */
struct view_cell {
	const char *text;
	const char *badge; /* its kind */
	const char *url;   /* where on this site the text leads, but for a row's first cell */
	const char *const *tags;
	size_t ntags;
	bool masked;
};

struct view_row {
	const char *url; /* of the record: the first cell leads there */
	bool muted;
	const struct view_cell *cells;
};

struct view_rows {
	size_t n, cells; /* rows, and cells of each: as many as Page.columns */
	const struct view_row *rows;
};

/* The same with rows, which may be NULL. */
struct err *view_page_rows(struct arena *a, const char *template, enum lang l,
	struct json_object *data, struct json_object *page, struct json_object *chrome,
	const struct view_rows *rows, struct sb *out);

/* JSON text of a model. */
void view_json(struct json_object *o, struct sb *out);

#endif
