/* SPDX-License-Identifier: ISC */
/*
 * Records as models: the API's objects, and the lists, details and forms that
 * the templates of templates/record/ show.
 */
#ifndef PRAYA_MODEL_H
#define PRAYA_MODEL_H

#include "record.h"

/* The API's object: id, fields, masked[], version, created_at, updated_at, archived, erased. */
void model_record(const struct record_ctx *cx, const struct record *rec, struct json_object *o);
/* {"items":[...],"next":...} */
void model_page(const struct record_ctx *cx, const struct record_page *page, struct json_object *o);
/* Page.columns, Page.pager. base: the list's address up to where "sort=..." goes
 * ("/contacts?"). first: this is the first page. */
void model_table(const struct record_ctx *cx, const struct record_page *page, const char *base,
	bool first, struct json_object *o);
/* Page.rows. */
const struct view_rows *model_rows(const struct record_ctx *cx, const struct record_page *page);
/* Page.groups of a detail page, Page.title, Page.version. */
void model_detail(const struct record_ctx *cx, const struct record *rec, struct json_object *o);
/* The people and teams that fields can name: queued here, there after the next trip. */
struct model_lists;
struct model_lists *model_lists(const struct record_ctx *cx);
/* Page.groups of a form. rec NULL: a new record. typed: what was sent before, or NULL. */
void model_form(const struct record_ctx *cx, enum entity e, const struct record *rec,
	struct json_object *typed, const struct model_lists *lists, const char *const *leave_out,
	struct json_object *o);
/* Page.filters: what the list can be filtered by; Page.applied: what it is. */
void model_filters(const struct record_ctx *cx, enum entity e, struct json_object *filter,
	const struct model_lists *lists, struct json_object *o);
void model_applied(const struct record_ctx *cx, enum entity e, struct json_object *filter,
	struct json_object *o);
/* Page.actions (label: action.KEY of the catalogue of messages), badges, crumbs, notices. */
void model_action(struct json_object *o, const struct record_ctx *cx, const char *key,
	const char *url, bool post);
void
model_badge(struct json_object *o, const struct record_ctx *cx, const char *kind, const char *key);
void model_crumb(struct json_object *o, const char *label, const char *url);
void model_notice(struct json_object *o, const struct record_ctx *cx, const char *kind,
	const char *key, const char *arg);
/* A value as a page shows it: mask, name of what it refers to, or the text. */
const char *model_text_of(const struct record_ctx *cx, const struct record *rec, size_t i);
/* What a record is called on a page, never empty. */
const char *record_title(const struct record_ctx *cx, const struct record *rec);

#endif
