/* SPDX-License-Identifier: ISC */
/*
 * What PostgreSQL did to answer: plans as auto_explain writes them into the
 * server's log of with_postgres, with the number of rows that were looked at.
 * A look at most rows of a large table, or a plan that reads one from end to
 * end, is a fault; they are collected, so that a test shows all of them.
 */
#ifndef PRAYA_TEST_PLANS_H
#define PRAYA_TEST_PLANS_H

#include <json-c/json.h>

#include "sb.h"
#include "tenant_fixture.h"

/* Tables above this many rows are large. */
#define PLANS_LARGE 1500
#define PLANS_TABLES 100
/* Of plans within plans. */
#define PLANS_DEPTH 1000
/* What a page shows, and then some. */
#define PLANS_PAGE 100

static struct {
	const char *large[PLANS_TABLES]; /* names */
	double rows[PLANS_TABLES];       /* looked at, of each */
	size_t n;
	const char *path;
	FILE *log;
	size_t nfaults; /* shown, and not yet failed for */
	bool quiet;     /* counted only */
	size_t nplans;
} plans;

/* Every session of the role writes its plans from now on. */
static inline void
plans_open(const struct tenant *tn)
{
	struct rows *rows;

	fixture_sql(tn->database,
		arena_printf(a,
			"alter role %1$s set session_preload_libraries = 'auto_explain'; "
			"alter role %1$s set auto_explain.log_min_duration = 0; "
			"alter role %1$s set auto_explain.log_analyze = on; "
			"alter role %1$s set auto_explain.log_timing = off; "
			"alter role %1$s set auto_explain.log_nested_statements = on; "
			"alter role %1$s set auto_explain.log_format = 'json'",
			tn->database));
	assert_ok(conn_query(fixture_conn(tn->database), a,
		stmt_composed(a, "plans.large",
			arena_printf(a,
				"select relname::text from pg_class where relkind = 'r' and "
				"relnamespace = 'public'::regnamespace and reltuples > %d",
				PLANS_LARGE),
			0),
		NO_VALS, &rows));
	plans.n = rows_count(rows);
	assert_true(plans.n > 15 && plans.n <= PLANS_TABLES);
	for (size_t i = 0; i < plans.n; i++)
		plans.large[i] = rows_text(rows, i, 0);
	plans.path = arena_printf(a, "%s/log", getenv("PGHOST"));
	plans.log = fopen(plans.path, "r");
	assert_non_null(plans.log);
}

ATTR_PRINTF(2, 3) static inline void plans_fault(const char *what, const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!plans.quiet)
		print_error("%s: %s\n", what, text);
	plans.nfaults++;
}

static inline const char *
plans_text(struct json_object *node, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(node, name, &v) ? json_object_get_string(v) : "";
}

static inline double
plans_number(struct json_object *node, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(node, name, &v) ? json_object_get_double(v) : 0;
}

/* Its place among the large tables; plans.n when it is none. */
static inline size_t
plans_table(struct json_object *node)
{
	const char *name = plans_text(node, "Relation Name");
	size_t i = 0;

	while (i < plans.n && strcmp(plans.large[i], name) != 0)
		i++;
	return i;
}

static inline void
plans_walk(const char *what, struct json_object *node)
{
	struct json_object *below;
	size_t table = plans_table(node);

	if (table < plans.n) {
		double rows = plans_number(node, "Actual Loops") *
			      (plans_number(node, "Actual Rows") +
				      plans_number(node, "Rows Removed by Filter") +
				      plans_number(node, "Rows Removed by Index Recheck"));

		/* One that a limit ended early is no harm. */
		if (strcmp(plans_text(node, "Node Type"), "Seq Scan") == 0 && rows > PLANS_PAGE)
			plans_fault(what, "reads all of %s, where %s", plans.large[table],
				plans_text(node, "Filter"));
		plans.rows[table] += rows;
	}
	if (json_object_object_get_ex(node, "Plans", &below))
		for (size_t i = 0; i < json_object_array_length(below); i++)
			plans_walk(what, json_object_array_get_idx(below, i));
}

/* One plan: the lines that follow its first one begin with a tab. */
static inline void
plans_read(const char *what, double most)
{
	struct json_tokener *parser = json_tokener_new_ex(PLANS_DEPTH);
	struct json_object *o, *top;
	struct sb text;
	char *line = NULL;
	size_t room = 0;
	long at = ftell(plans.log);

	sb_init(&text, a, (size_t)1 << 20);
	while (getline(&line, &room, plans.log) > 0 && *line == '\t') {
		sb_puts(&text, line);
		at = ftell(plans.log);
	}
	free(line);
	fseek(plans.log, at, SEEK_SET);
	o = json_tokener_parse_ex(parser, text.p, (int)text.n);
	json_tokener_free(parser);
	assert_true(json_object_object_get_ex(o, "Plan", &top));
	memset(plans.rows, 0, sizeof(plans.rows));
	plans_walk(what, top);
	for (size_t i = 0; i < plans.n; i++)
		if (plans.rows[i] > most)
			plans_fault(
				what, "looks at %.0f rows of %s", plans.rows[i], plans.large[i]);
	json_object_put(o);
	plans.nplans++;
}

/* Forgets what was done until now. PostgreSQL goes on writing at the end of the
 * file, wherever that is: plans are long. */
static inline void
plans_skip(void)
{
	assert_int_equal(truncate(plans.path, 0), 0);
	rewind(plans.log);
}

/* Judges all statements since. most: rows of one table that a statement may look at. */
static inline void
plans_judge(const char *what, double most)
{
	struct arena_mark mark = arena_mark(a);
	char *line = NULL;
	size_t room = 0;

	clearerr(plans.log);
	while (getline(&line, &room, plans.log) > 0)
		if (strstr(line, "  plan:\n") != NULL)
			plans_read(what, most);
	free(line);
	arena_release(a, mark);
}

/* The same for what is excused: a fault when it has none. */
static inline void
plans_excuse(const char *what, double most)
{
	size_t before = plans.nfaults;

	plans.quiet = true;
	plans_judge(what, most);
	plans.quiet = false;
	if (plans.nfaults == before)
		plans_fault(what, "needs no excuse");
	else
		plans.nfaults = before;
}

static inline void
plans_end(void)
{
	size_t n = plans.nfaults;

	print_message("%zu plans\n", plans.nplans);
	assert_true(plans.nplans > 0);
	plans.nfaults = plans.nplans = 0;
	if (n > 0)
		fail_msg("%zu faults, see above", n);
}

#endif
