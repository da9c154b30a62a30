/* SPDX-License-Identifier: ISC */
/*
 * What of the log is asked for: the parameters of /audit, the same as one line
 * ("actor:chan action:export field:hkid from:2026-01-01"), and the question that the
 * database gets. Of workspace/ only.
 */
#ifndef PRAYA_AUDIT_FILTER_H
#define PRAYA_AUDIT_FILTER_H

#include "action.h"
#include "record.h"
#include "sqlb.h"

struct audit_filter {
	enum audit_view view;
	int64_t actor, contact, record, session;            /* 0: any */
	const char *action, *entity, *outcome, *field, *ip; /* NULL: any */
	const char *from, *to;                              /* as they were typed */
	int64_t from_usec, to_usec;                         /* 0: none; to is behind the end */
};

/* The line (parameter q) and the parameters, which may not say the same twice. BAD_REQUEST:
 * at "q", naming the word that is wrong, or at a parameter. */
struct err *audit_filter_read(struct request *rq, struct audit_filter *f) ATTR_WARN_UNUSED;
/* One of them by its name. NULL, or the key of what is wrong with the text. */
const char *
audit_filter_set(struct arena *a, struct audit_filter *f, const char *name, const char *text);
/* The text of one of them; NULL: any. */
const char *audit_filter_get(struct arena *a, const struct audit_filter *f, const char *name);
/* Names of parameters, NULL at the end. */
extern const char *const audit_filter_names[];
/* {name: text} of those that are set, and back. */
void audit_filter_model(struct arena *a, const struct audit_filter *f, struct json_object *o);
void audit_filter_load(struct arena *a, struct json_object *o, struct audit_filter *f);
/* As a line that audit_line_read() reads again. */
const char *audit_filter_line(struct arena *a, const struct audit_filter *f);

/* "/audit?view=exports&actor=7" */
const char *audit_filter_url(struct arena *a, const char *path, const struct audit_filter *f);

/* The actions of the view, or the one, as text[]; null: any. */
struct val audit_filter_actions(struct arena *a, const struct audit_filter *f);

/* "audit_find(...) x", for FROM: rows at, event_id, hit. at: a time as text with id, behind which
 * to look; NULL: from the newest. */
void audit_filter_sql(struct sqlb *b, const struct record_ctx *cx, const struct audit_filter *f,
	const char *at, int64_t id, int64_t want);

/* Sets what the line says. */
struct err *
audit_line_read(struct request *rq, const char *line, struct audit_filter *f) ATTR_WARN_UNUSED;

#endif
