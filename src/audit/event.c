/* SPDX-License-Identifier: ISC */
#include "event.h"

#include "action.h"
#include "log.h"

STMT(event_insert, "audit.insert", 11,
	"insert into audit_event (action, outcome, entity, record_ids, subject_ids, field_set_id, "
	"reason, count, key_id, changes) "
	"select $1, $2, $3, $4::bigint[], $5::bigint[], "
	"case when $6::text[] is null then null else coalesce((select s.field_set_id from "
	"field_set s "
	"where s.entity = $7 and s.fields = $6::text[]), field_set_of($7, $6::text[])) end, "
	"$8, $9::bigint, $10::bigint, $11::bytea");

/* People have numbers of 31 bits (0054_audit_people.sql): whoever asks for a greater one asks for
 * nobody. */
static struct val
subjects_of(struct arena *a, const struct audit_event *e)
{
	int64_t *list = ARENA_ARRAY(a, e->nsubjects + 1, int64_t);
	size_t n = 0;

	for (size_t i = 0; i < e->nsubjects; i++)
		if (e->subjects[i] <= INT32_MAX)
			list[n++] = e->subjects[i];
	return n > 0 ? val_i64s(list, n) : NO_VAL;
}

void
audit_queue(struct tx *tx, struct arena *a, const struct audit_event *e)
{
	struct vals vals = VALS(val_text(e->action),
		val_text(e->outcome != NULL ? e->outcome : "ok"), val_text(e->entity),
		e->nrecords > 0 ? val_i64s(e->records, e->nrecords) : NO_VAL, subjects_of(a, e),
		e->nfields > 0 ? val_texts(e->fields, e->nfields) : NO_VAL,
		val_text(e->entity != NULL ? e->entity : ""), val_text(e->reason),
		val_id(e->count != 0 ? e->count : (int64_t)e->nrecords), val_id(e->key_id),
		val_bytes(e->changes));

	ASSERT(audit_action_find(e->action) != NULL);
	tx_queue(tx, &event_insert, vals, NULL);
}

void
audit_queue_one(struct tx *tx, struct arena *a, const char *action, const char *entity,
	int64_t record, int64_t subject, const char *reason)
{
	int64_t *ids = ARENA_ARRAY(a, 2, int64_t);
	struct audit_event e = {.action = action, .entity = entity, .reason = reason};

	ids[0] = record;
	ids[1] = subject;
	e.records = ids;
	e.nrecords = record != 0;
	e.subjects = ids + 1;
	e.nsubjects = subject != 0;
	audit_queue(tx, a, &e);
}
