/* SPDX-License-Identifier: ISC */
/* The audit log: between its query and how an event is shown. Of workspace/ only. */
#ifndef PRAYA_AUDIT_H
#define PRAYA_AUDIT_H

#include "audit_filter.h"

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
	EV_END_AT, /* of the search, the same in every row: where it came to */
	EV_END_ID,
	EV_LOOKED, /* that many were looked at, and it goes on from there */
	EV_MORE,
	EV_END_USEC,
};

/* So many records of an event are links; the rest is a number. */
#define AUDIT_LINKS 10

/* Things besides records that events are about: audit.entity_word of the messages. */
extern const char *const audit_entities[];

/* The API's object, and what a page shows besides: words for codes, links. */
void
audit_model(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o);
void
audit_words(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o);
/* Queues the events of what such objects show: values before and after, by kind of record
 * and fields, and the people that are named. */
void audit_shown(const struct record_ctx *cx, const char *action, struct json_object *items);
/* What a record has beside its fields, by its label, for who may see such records; else NULL. */
const char *audit_part(const struct record_ctx *cx, enum entity e, const char *name);
/* Page.values, the line, views and the options of the filters. users: id and name; NULL: of
 * oneself only. */
void audit_filters(struct request *rq, const struct audit_filter *f, const struct rows *users,
	struct json_object *o);

/* Some more than are shown: of those that are found some may be hidden. */
#define AUDIT_SPARE 51
/* A page of events. at, id: behind that one; NULL, 0: from the newest. spare: so many more are
 * found than are shown. Rows without EV_ID are none: they only say where the search ended. */
void audit_select(struct sqlb *b, const struct record_ctx *cx, const struct audit_filter *f,
	const char *at, int64_t id, int64_t limit, int64_t spare);
/* One of them by its number. */
void audit_select_one(struct sqlb *b, const struct record_ctx *cx, int64_t id);
/* Where a page begins (parameter after), and where the next one does. */
struct err *
audit_cursor_read(struct request *rq, const char **at_r, int64_t *id_r) ATTR_WARN_UNUSED;
const char *audit_cursor(struct request *rq, const char *at, int64_t id);
/* How many of the rows are events, at most so many. */
size_t audit_count(const struct rows *r, int64_t limit);

/* Parameters of a page of events: filters, q, limit, after. */
extern const struct param audit_params[];
/* Events that the filter names, with Page.values and so on; *n_r of them. */
struct err *
audit_show(struct request *rq, struct response *rp, struct audit_filter *f) ATTR_WARN_UNUSED;

/* Page.chart, Data.days: so many events a day, where counts say it. false: they do not. */
bool audit_days_queue(struct request *rq, const struct audit_filter *f, struct rows **rows_r);
void audit_days_model(struct request *rq, const struct rows *r, struct response *rp);

/* {last: the newest check of the whole log or null, running: its job or null}. */
struct err *audit_whole_model(struct request *rq, struct json_object *o) ATTR_WARN_UNUSED;

#endif
