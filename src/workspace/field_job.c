/* SPDX-License-Identifier: ISC */
/*
 * What the catalogue asks of the tables, while everybody goes on working. Each
 * step looks at what is there and does what is missing, so a job that was cut
 * off anywhere simply goes on.
 */
#include "field_job.h"

#include <string.h>
#include <time.h>

#include "column.h"
#include "event.h"
#include "job.h"
#include "tenant.h"

#define EMPTY_BATCH 1000
#define FILL_BATCH 500
/* A step ends after so many batches, so that a worker can be stopped. */
#define STEP_BATCHES 20
/* A lock is asked for so often, a quarter of a second apart. */
#define LOCK_ATTEMPTS 40

STMT(field_live, "field_job.live", 1,
	"update field set state = 'live', version = version + 1 "
	"where field_id = $1::bigint and state = 'adding'");
STMT(field_back, "field_job.back", 2,
	"update field set state = 'live', version = version + 1 "
	"where entity = $1 and name = $2 and state in ('sealing', 'unsealing')");

/* One step's view of the field; f NULL: there is no such field any more. */
struct fielding {
	struct job_run *run;
	struct record_ctx cx;
	const struct field *f;
	struct conn *owner;
};

static struct err *
open_field(struct job_run *run, struct fielding *fg)
{
	const char *entity = job_arg_text(run, "entity"), *name = job_arg_text(run, "field");

	*fg = (struct fielding){.run = run};
	if (entity == NULL || name == NULL || entity_parse(entity) == ENTITY_NONE)
		return err_internal(run->a, "job %s names no field", run->kind);
	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", run->created_by, &fg->cx));
	fg->f = catalogue_find(fg->cx.cat, entity_parse(entity), name);
	return tenant_conn_migrate(run->tenancy, run->a, run->tenant, &fg->owner);
}

static bool
in_state(const struct field *f, const char *state)
{
	return strcmp(f->state, state) == 0;
}

/* Tries until a moment comes in which nobody uses the table. */
static struct err *
change_table(struct fielding *fg, const char *sql)
{
	const struct timespec pause = {0, 250L * 1000 * 1000};
	struct err *e = NULL;

	for (int i = 0; i < LOCK_ATTEMPTS; i++) {
		e = conn_script(fg->owner, fg->run->a, sql);
		if (e == NULL || e->kind != ERR_BUSY)
			return e;
		TRY(job_beat(fg->run, fg->run->done, fg->run->total));
		nanosleep(&pause, NULL);
	}
	return e;
}

typedef struct err *index_fn(struct conn *owner, struct arena *a, const struct field *f,
	const char *column, const char **sql_r);

static struct err *
plain_index(struct conn *owner, struct arena *a, const struct field *f, const char *column,
	const char **sql_r)
{
	return column_index(owner, a, f, column, false, sql_r);
}

static struct err *
blind_index_of(struct conn *owner, struct arena *a, const struct field *f, const char *column,
	const char **sql_r)
{
	return column_index(owner, a, f, column, true, sql_r);
}

/* Makes an index; twice round when a half-made one has to go first. */
static struct err *
make_index(struct fielding *fg, index_fn *fn, const char *column)
{
	for (int i = 0; i < 3; i++) {
		const char *sql;

		TRY(fn(fg->owner, fg->run->a, fg->f, column, &sql));
		if (sql == NULL)
			return NULL;
		TRY(job_beat(fg->run, fg->run->done, fg->run->total));
		TRY(conn_script(fg->owner, fg->run->a, sql));
	}
	return err_busy(fg->run->a, "the index of %s does not stay", column);
}

/* What filters and orders use; of an encrypted column only whole values are looked for. */
static struct err *
make_indexes(struct fielding *fg, const char *column, bool sealed)
{
	TRY(make_index(fg, sealed ? blind_index_of : plain_index, column));
	return sealed ? NULL : make_index(fg, column_sort_index, column);
}

static void
log_end(struct fielding *fg, struct tx *tx, const char *reason, int64_t count)
{
	struct arena *a = fg->run->a;
	const char **names = ARENA_NEW(a, const char *);
	struct audit_event ev = {.action = "setting", .reason = reason, .count = count};

	names[0] = job_arg_text(fg->run, "field");
	ev.entity = job_arg_text(fg->run, "entity");
	ev.fields = names;
	ev.nfields = 1;
	audit_queue(tx, a, &ev);
}

/* What was in the clear lies on in the table's file until that is rewritten. */
static struct err *
ask_for_scrub(struct fielding *fg, struct tx *tx)
{
	struct arena *a = fg->run->a;
	const char *entity = job_arg_text(fg->run, "entity");
	struct json_object *args = model_object(a);
	int64_t job;

	model_text(args, "entity", entity);
	return job_enqueue(tx, a, "scrub", args, arena_printf(a, "scrub|%s", entity), 0, &job);
}

static struct err *
finish(struct fielding *fg, struct tx *tx)
{
	struct json_object *result = model_object(fg->run->a);

	model_text(result, "field",
		arena_printf(fg->run->a, "%s.%s", job_arg_text(fg->run, "entity"),
			job_arg_text(fg->run, "field")));
	job_finish(fg->run, tx, result);
	return job_commit(fg->run, tx);
}

struct err *
field_add_step(struct job_run *run)
{
	struct fielding fg;
	struct tx *tx;

	TRY(open_field(run, &fg));
	if (fg.f != NULL && in_state(fg.f, "adding")) {
		TRY(change_table(&fg, column_add_sql(run->a, fg.f, fg.f->column, fg.f->sealed)));
		TRY(make_indexes(&fg, fg.f->column, fg.f->sealed));
	}
	TRY(job_begin(run, &tx));
	if (fg.f != NULL)
		tx_queue(tx, &field_live, VALS(val_i64(fg.f->id)), NULL);
	return finish(&fg, tx);
}

/* The people whose value went: it is their data. */
static void
log_emptied(struct fielding *fg, struct tx *tx, const struct rows *ids)
{
	struct arena *a = fg->run->a;
	const char **names = ARENA_NEW(a, const char *);
	struct audit_event ev = {.action = "delete", .reason = "field_removed"};
	int64_t *list = ARENA_ARRAY(a, rows_count(ids), int64_t);

	for (size_t i = 0; i < rows_count(ids); i++)
		list[i] = rows_i64(ids, i, 0);
	names[0] = fg->f->name;
	ev.entity = entity_name(fg->f->entity);
	ev.fields = names;
	ev.nfields = 1;
	ev.records = list;
	ev.nrecords = rows_count(ids);
	if (fg->f->entity == ENTITY_CONTACT) {
		ev.subjects = list;
		ev.nsubjects = rows_count(ids);
	}
	audit_queue(tx, a, &ev);
}

/* Values to null, batch by batch. *ended_r: there are none left. */
static struct err *
empty_values(struct fielding *fg, bool *ended_r)
{
	struct job_run *run = fg->run;
	int64_t after = 0;

	*ended_r = false;
	for (int i = 0; i < STEP_BATCHES; i++) {
		struct rows *ids;
		struct tx *tx;
		size_t n;

		TRY(job_begin(run, &tx));
		fg->cx.tx = tx;
		if (run->total == 0) {
			int64_t total;

			TRY(column_count(&fg->cx, fg->f, &total));
			job_progress(run, tx, 0, total);
		}
		TRY(column_empty(&fg->cx, fg->f, after, EMPTY_BATCH, &ids));
		n = rows_count(ids);
		if (n > 0)
			log_emptied(fg, tx, ids);
		for (size_t k = 0; k < n; k++)
			if (rows_i64(ids, k, 0) > after)
				after = rows_i64(ids, k, 0);
		job_progress(run, tx, run->done + (int64_t)n, run->total);
		TRY(job_commit(run, tx));
		*ended_r = n < EMPTY_BATCH;
		if (*ended_r)
			return NULL;
	}
	return NULL;
}

static bool
listed(const struct rows *list, const char *column)
{
	for (size_t i = 0; i < rows_count(list); i++)
		if (strcmp(rows_text(list, i, 0), column) == 0)
			return true;
	return false;
}

struct err *
field_drop_step(struct job_run *run)
{
	struct fielding fg;
	struct rows *list;
	struct tx *tx;
	bool ended;

	TRY(open_field(run, &fg));
	if (fg.f != NULL && in_state(fg.f, "dropping")) {
		TRY(column_list(fg.owner, run->a, fg.f, &list));
		/* A field whose column was never made has no values either. */
		if (listed(list, fg.f->column)) {
			TRY(empty_values(&fg, &ended));
			if (!ended)
				return NULL;
		}
		TRY(change_table(&fg, column_drop_sql(run->a, fg.f, list, NULL, true)));
	} else if (fg.f != NULL) {
		return err_new(run->a, ERR_CONFLICT, "error.field_busy");
	}
	TRY(job_begin(run, &tx));
	log_end(&fg, tx, "field_dropped", run->done);
	TRY(ask_for_scrub(&fg, tx));
	return finish(&fg, tx);
}

/* The new column with all that belongs to it, and how much there is to do. */
static struct err *
prepare_seal(struct fielding *fg, const char *to)
{
	struct job_run *run = fg->run;
	struct rows *list;
	const char *sql;
	int64_t total;
	struct tx *tx;

	TRY(column_list(fg->owner, run->a, fg->f, &list));
	sql = column_drop_sql(run->a, fg->f, list, to, false);
	if (sql != NULL)
		TRY(change_table(fg, sql));
	TRY(change_table(fg, column_add_sql(run->a, fg->f, to, !fg->f->sealed)));
	TRY(change_table(fg, column_shadow_sql(run->a, fg->f, to)));
	TRY(make_indexes(fg, to, !fg->f->sealed));
	TRY(make_index(fg, column_shadow_index, to));
	TRY(job_begin(run, &tx));
	fg->cx.tx = tx;
	TRY(column_count(&fg->cx, fg->f, &total));
	job_progress(run, tx, 0, total);
	return job_commit(run, tx);
}

static struct err *
fill_values(struct fielding *fg, const char *to, bool *ended_r)
{
	struct job_run *run = fg->run;
	int64_t last = 0;

	*ended_r = false;
	for (int i = 0; i < STEP_BATCHES && !*ended_r; i++) {
		struct arena_mark mark = arena_mark(run->a);
		struct tx *tx;
		int64_t n;

		TRY(job_begin(run, &tx));
		fg->cx.tx = tx;
		TRY(column_fill(&fg->cx, fg->f, to, FILL_BATCH, &last, &n));
		job_progress(run, tx, run->done + n, run->total);
		TRY(job_commit(run, tx));
		*ended_r = n < FILL_BATCH;
		arena_release(run->a, mark);
	}
	return NULL;
}

/* A value does not open: nothing is lost, the field stays as it was. */
static struct err *
give_up(struct fielding *fg, struct err *why)
{
	struct job_run *run = fg->run;
	struct rows *list;

	tx_end(&run->tx);
	TRY(column_list(fg->owner, run->a, fg->f, &list));
	TRY(change_table(fg, column_drop_sql(run->a, fg->f, list, NULL, false)));
	return why;
}

struct err *
field_seal_step(struct job_run *run)
{
	const char *to = job_arg_text(run, "column");
	struct fielding fg;
	struct tx *tx;
	bool ended, sealed;

	TRY(open_field(run, &fg));
	if (fg.f == NULL || to == NULL)
		return err_new(run->a, ERR_GONE, NULL);
	sealed = fg.f->sealed;
	if (strcmp(fg.f->column, to) != 0) {
		struct err *e;

		if (!in_state(fg.f, "sealing") && !in_state(fg.f, "unsealing"))
			return err_new(run->a, ERR_CONFLICT, "error.field_busy");
		if (run->total == 0)
			TRY(prepare_seal(&fg, to));
		e = fill_values(&fg, to, &ended);
		if (e != NULL)
			return e->kind == ERR_CONFLICT ? give_up(&fg, e) : e;
		if (!ended)
			return NULL;
		sealed = !sealed;
		TRY(change_table(&fg, column_switch_sql(run->a, fg.f, to, sealed)));
	}
	TRY(job_begin(run, &tx));
	log_end(&fg, tx, sealed ? "field_encrypted" : "field_decrypted", run->done);
	if (sealed)
		TRY(ask_for_scrub(&fg, tx));
	return finish(&fg, tx);
}

void
field_seal_failed(struct job_run *run, struct tx *tx, const char *key)
{
	(void)key;
	tx_queue(tx, &field_back,
		VALS(val_text(job_arg_text(run, "entity")), val_text(job_arg_text(run, "field"))),
		NULL);
}
