/* SPDX-License-Identifier: ISC */
/* The audit log: between its query and how an event is shown. Of workspace/ only. */
#ifndef PRAYA_AUDIT_H
#define PRAYA_AUDIT_H

#include "record.h"

/* Columns of an event's row. */
enum {
	EV_ID,
	EV_AT,
	EV_AT_TEXT,
	EV_ACTOR_KIND,
	EV_ACTOR,
	EV_ACTOR_NAME,
	EV_VIA,
	EV_SESSION,
	EV_IP,
	EV_AGENT,
	EV_REQUEST,
	EV_ROUTE,
	EV_ACTION,
	EV_OUTCOME,
	EV_ENTITY,
	EV_RECORDS,
	EV_SUBJECTS,
	EV_FIELDS,
	EV_REASON,
	EV_COUNT,
	EV_KEY,
	EV_CHANGES,
	EV_WRAPPED,
	EV_SUBJECT_NAME,
	EV_AS_USER,
	EV_AS_NAME,
	EV_GRANT,
	EV_OPERATOR,
};

/* So many records of an event are links; the rest is a number. */
#define AUDIT_LINKS 10

/* The API's object, and what a page shows besides: words for codes, links. */
void
audit_model(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o);
void
audit_words(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o);
/* What a record has beside its fields, by its label, for who may see such records; else NULL. */
const char *audit_part(const struct record_ctx *cx, enum entity e, const char *name);
/* The kind of badge an action gets. */
const char *audit_action_kind(const char *action);
/* Page.values and the options of the filters. users: id and name. */
void audit_filters(struct request *rq, const struct rows *users, struct json_object *o);

/* {last: the newest check of the whole log or null, running: its job or null}. */
struct err *audit_whole_model(struct request *rq, struct json_object *o) ATTR_WARN_UNUSED;

#endif
