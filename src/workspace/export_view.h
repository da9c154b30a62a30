/* SPDX-License-Identifier: ISC */
/* Exports as their askers and approvers see them. Of workspace/export_*.c only. */
#ifndef PRAYA_EXPORT_VIEW_H
#define PRAYA_EXPORT_VIEW_H

#include "export_guard.h"

/* What a row of export_view_columns is for this reader. */
struct export_row {
	const struct rows *r;
	size_t i;
	bool mine;
	bool approver; /* the reader's right */
	bool others;   /* somebody else may approve what the reader asks for */
};

#define EXPORT_COLUMNS \
	"e.export_id, e.kind, e.entity, (select c.contact_id from contact c " \
	"where c.contact_id = e.contact_id), e.format, e.state, e.fields, e.opened, e.reason, " \
	"e.asked, e.day, e.threshold, e.approved, e.exported, " \
	"(extract(epoch from e.created_at) * 1000000)::bigint, e.created_by, u.name, " \
	"(extract(epoch from e.decided_at) * 1000000)::bigint, e.decided_by, d.name, e.alone, " \
	"e.note, e.query, e.job_id, w.download_id, w.fetched, " \
	"(extract(epoch from w.expires_at) * 1000000)::bigint, " \
	"w.destroyed_at is null and w.expires_at > now(), e.log_filter, " \
	"(select j.error from job j where j.job_id = e.job_id and e.state = 'failed') "
#define EXPORT_FROM \
	"from export e left join app_user u on u.user_id = e.created_by " \
	"left join app_user d on d.user_id = e.decided_by " \
	"left join download w using (download_id) "

int64_t export_row_id(const struct export_row *x);
bool export_row_is_whole(const struct export_row *x);
/* Of an export of everything: how far it is, and its files for whoever may have them. page
 * may be NULL. */
struct err *export_whole_show(struct request *rq, int64_t id, struct json_object *o,
	struct json_object *page) ATTR_WARN_UNUSED;
/* The API's object. */
void export_model(const struct record_ctx *cx, const struct export_row *x, struct json_object *o);
/* Page.columns and Page.rows of a list; a row each. */
void export_columns(const struct request *rq, bool approver, struct json_object *page);
void
export_table_row(const struct request *rq, const struct export_row *x, struct json_object *row);
/* Page.* of one: facts, what was looked for, the forms that are allowed. */
void export_detail(struct request *rq, const struct record_ctx *cx, const struct export_row *x,
	struct json_object *page);

#endif
