/* SPDX-License-Identifier: ISC */
/*
 * Parsed templates, inside view/ only.
 *
 * templates/macros.cs and templates/layout.cs are parsed once and their macros
 * shared by all pages, so that a page costs no more than its own lines. Every
 * other *.cs is a page and is parsed once. A parse holds no data of a request:
 * template_render() lends it one and takes it back. A parse whose rendering
 * failed is thrown away, since ClearSilver promises nothing about it.
 */
#ifndef PRAYA_VIEW_TEMPLATE_H
#define PRAYA_VIEW_TEMPLATE_H

#include <ClearSilver.h>

#include "err.h"
#include "sb.h"

/* Fatal when the folder cannot be read or a template does not parse.
 * development: parse anew for every page. */
void template_load(const char *folder, bool development);
/* name: "contact/list". data: the request's data set; global: what is looked
 * up when data has no answer. */
struct err *
template_render(struct arena *a, const char *name, HDF *data, HDF *global, struct sb *out);

#endif
