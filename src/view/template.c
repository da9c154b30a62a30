/* SPDX-License-Identifier: ISC */
#include "template.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "function.h"
#include "log.h"
#include "squeeze.h"

#define PATH_SIZE 4096
#define DEPTH_MAX 4

struct page {
	char *name;
	CSPARSE *parse; /* NULL: to be parsed at its next use */
};

static struct {
	char *folder;
	bool development;
	HDF *base; /* what parsing needs: escaping on, where to search */
	CSPARSE *library;
	struct page *pages;
	size_t n;
} all;

/* What happened, for the operator. Only for parsing: while rendering, the
 * text of an error can hold values. */
static const char *
parse_trouble(struct arena *a, NEOERR **e)
{
	STRING s;
	const char *text;

	string_init(&s);
	nerr_error_string(*e, &s);
	text = arena_strdup(a, s.buf != NULL ? s.buf : "no reason given");
	string_clear(&s);
	nerr_ignore(e);
	return text;
}

static NEOERR *
load_file(void *ctx, HDF *hdf, const char *name, char **text_r)
{
	char path[PATH_SIZE];
	NEOERR *e;
	int n = snprintf(path, sizeof(path), "%s/%s", name[0] == '/' ? "" : all.folder, name);

	(void)ctx;
	(void)hdf;
	if (n < 0 || (size_t)n >= sizeof(path))
		return nerr_raise(NERR_ASSERT, "too long a name of a template");
	e = ne_load_file(path, text_r);
	if (e == STATUS_OK)
		squeeze(*text_r);
	return nerr_pass(e);
}

/* The macros at the end of the list belong to the library. */
static void
parse_free(CSPARSE **parse)
{
	CS_MACRO **m;

	if (*parse == NULL)
		return;
	if (all.library != NULL && *parse != all.library) {
		for (m = &(*parse)->macros; *m != NULL && *m != all.library->macros;
			m = &(*m)->next)
			;
		*m = NULL;
	}
	cs_destroy(parse);
}

/* squeezed: false keeps line numbers right, for messages only. */
static NEOERR *
parse_new(CSPARSE **parse_r, const char *const *names, bool squeezed)
{
	NEOERR *e = cs_init(parse_r, all.base);

	if (e != STATUS_OK)
		return nerr_pass(e);
	if (squeezed)
		cs_register_fileload(*parse_r, NULL, load_file);
	e = function_register(*parse_r);
	if (e == STATUS_OK && all.library != NULL)
		(*parse_r)->macros = all.library->macros;
	for (; e == STATUS_OK && *names != NULL; names++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s.cs", all.folder, *names);
		e = cs_parse_file(*parse_r, path);
	}
	if (e != STATUS_OK)
		parse_free(parse_r);
	return nerr_pass(e);
}

static struct err *
parse_files(struct arena *a, CSPARSE **parse_r, const char *const *names)
{
	NEOERR *e = parse_new(parse_r, names, true);
	NEOERR *exact;
	CSPARSE *again = NULL;

	if (e == STATUS_OK)
		return NULL;
	exact = parse_new(&again, names, false);
	if (exact == STATUS_OK)
		parse_free(&again);
	else
		nerr_ignore(&e);
	return err_internal(a, "template: %s", parse_trouble(a, exact != STATUS_OK ? &exact : &e));
}

static struct err *
library_parse(struct arena *a)
{
	static const char *const names[] = {"macros", "layout", NULL};
	CSPARSE *fresh;

	TRY(parse_files(a, &fresh, names));
	all.library = fresh;
	return NULL;
}

static struct err *
page_parse(struct arena *a, struct page *p)
{
	const char *const names[] = {p->name, NULL};

	return parse_files(a, &p->parse, names);
}

static int
page_compare(const void *a, const void *b)
{
	return strcmp(((const struct page *)a)->name, ((const struct page *)b)->name);
}

static void
page_add(const char *name)
{
	if (strcmp(name, "macros") == 0 || strcmp(name, "layout") == 0)
		return;
	if (all.n % 64 == 0) {
		all.pages = realloc(all.pages, (all.n + 64) * sizeof(*all.pages));
		if (all.pages == NULL)
			log_fatal("out of memory");
	}
	all.pages[all.n].parse = NULL;
	all.pages[all.n].name = strdup(name);
	if (all.pages[all.n++].name == NULL)
		log_fatal("out of memory");
}

/* Adds what lies below all.folder/sub; sub is "" or ends in '/'. */
static void
find_pages(const char *sub, int depth)
{
	char path[PATH_SIZE];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", all.folder, sub);
	dir = depth < DEPTH_MAX ? opendir(path) : NULL;
	if (dir == NULL)
		log_fatal("templates: cannot read %s: %s", path, strerror(errno));
	while ((d = readdir(dir)) != NULL) {
		size_t n = strlen(d->d_name);

		if (d->d_name[0] == '.')
			continue;
		if (n > 3 && strcmp(d->d_name + n - 3, ".cs") == 0) {
			snprintf(path, sizeof(path), "%s%.*s", sub, (int)(n - 3), d->d_name);
			page_add(path);
		} else if (strchr(d->d_name, '.') == NULL) {
			snprintf(path, sizeof(path), "%s%s/", sub, d->d_name);
			find_pages(path, depth + 1);
		}
	}
	closedir(dir);
}

static void
forget_all(void)
{
	for (size_t i = 0; i < all.n; i++) {
		parse_free(&all.pages[i].parse);
		free(all.pages[i].name);
	}
	all.n = 0;
	parse_free(&all.library);
}

static struct err *
parse_all(struct arena *a)
{
	TRY(library_parse(a));
	for (size_t i = 0; i < all.n; i++)
		TRY(page_parse(a, &all.pages[i]));
	return NULL;
}

void
template_load(const char *folder, bool development)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct err *e;

	forget_all();
	free(all.folder);
	all.folder = realpath(folder, NULL);
	if (all.folder == NULL)
		log_fatal("templates: %s: %s", folder, strerror(errno));
	all.development = development;
	if (all.base == NULL &&
		(hdf_init(&all.base) != STATUS_OK ||
			hdf_set_value(all.base, "Config.VarEscapeMode", "html") != STATUS_OK))
		log_fatal("out of memory");
	if (hdf_set_value(all.base, "hdf.loadpaths.0", all.folder) != STATUS_OK)
		log_fatal("out of memory");
	find_pages("", 0);
	qsort(all.pages, all.n, sizeof(*all.pages), page_compare);
	e = parse_all(a);
	if (e != NULL)
		log_fatal("%s", e->detail);
	arena_free(&a);
}

static NEOERR *
put(void *ctx, char *text)
{
	struct sb *out = ctx;

	sb_puts(out, text);
	return out->full ? nerr_raise(NERR_OUTOFRANGE, "page too long") : STATUS_OK;
}

static struct err *
page_find(struct arena *a, const char *name, struct page **page_r)
{
	struct page key = {.name = (char *)(uintptr_t)name};
	struct page *p;

	if (all.development) {
		forget_all();
		TRY(library_parse(a));
		find_pages("", 0);
		qsort(all.pages, all.n, sizeof(*all.pages), page_compare);
	}
	p = all.n == 0 ? NULL : bsearch(&key, all.pages, all.n, sizeof(*p), page_compare);
	if (p == NULL)
		return err_internal(a, "template: there is no %s", name);
	if (p->parse == NULL)
		TRY(page_parse(a, p));
	*page_r = p;
	return NULL;
}

struct err *
template_render(struct arena *a, const char *name, HDF *data, HDF *global, struct sb *out)
{
	struct page *p = NULL;
	struct err *failed = NULL;
	NEOERR *e;

	TRY(page_find(a, name, &p));
	p->parse->hdf = data;
	p->parse->global_hdf = global;
	e = cs_render(p->parse, out, put);
	p->parse->hdf = all.base;
	p->parse->global_hdf = NULL;
	p->parse->output_ctx = NULL;
	if (e != STATUS_OK) {
		failed = err_internal(a, "template: %s: %s", name,
			out->full ? "page too long" : "rendering failed");
		nerr_ignore(&e);
		parse_free(&p->parse);
	}
	return failed;
}
