/* SPDX-License-Identifier: ISC */
/*
 * Every statement that record/ composes runs, as the workspace's own login: for
 * each entity, with each of its fields, custom ones of every type among them.
 */
#include "record_fixture.h"

#include "export.h"
#include "token.h"

static struct tenant *tn;
static struct conn *own;
static struct record_ctx cx;

static void
begin(void)
{
	assert_ok(record_ctx_system(own, a, tn, "worker", 1, &cx));
	assert_ok(system_tx(own, a, "worker", 1, "test", &cx.tx));
}

static void
commit(void)
{
	if (!tx_committed(cx.tx))
		assert_ok(tx_commit(cx.tx));
	tx_end(&cx.tx);
}

/* Nobody looks at a hold again on a day that has gone by. */
static const char *
written_of(const struct field *f)
{
	return strcmp(f->name, "hold_review_on") == 0 ? "2999-12-31" : fixture_value(f);
}

/* Values for all fields of the entity that can be written. */
static void
values_for(enum entity e, struct changes *out)
{
	struct json_object *body = model_object(a);

	for (size_t i = 0; i < cx.cat->n; i++) {
		const struct field *f = &cx.cat->fields[i];

		if (f->entity == e && f->writable && field_is_live(f))
			model_text(body, f->name, written_of(f));
	}
	assert_ok(changes_parse(&cx, e, body, NULL, false, out));
	assert_true(out->n > 3 || e == ENTITY_ATTACHMENT);
}

static bool
may_be_empty(const struct field *f)
{
	const char *sql = arena_printf(a,
		"select (not attnotnull)::text from pg_attribute "
		"where attrelid = '%s'::regclass and attname = '%s'",
		entity_def(f->entity)->table, f->column);

	return f->writable && field_is_live(f) && f->type != FIELD_BOOLEAN &&
	       strcmp(db_text(fixture_conn(tn->database), sql), "true") == 0;
}

/* Nothing in each of them that may be empty. */
static void
cleared(enum entity e, struct changes *out)
{
	struct json_object *body = model_object(a);

	for (size_t i = 0; i < cx.cat->n; i++) {
		const struct field *f = &cx.cat->fields[i];

		/* One name has to stay. */
		if (f->entity == e && may_be_empty(f) && strcmp(f->name, "name_en") != 0)
			model_null(body, f->name);
	}
	/* A hold has its particulars. */
	if (e == ENTITY_CONTACT)
		model_text(body, "hold", "false");
	assert_ok(changes_parse(&cx, e, body, NULL, false, out));
}

/* Files are records once their content is there; the row says its size. */
static int64_t
make(enum entity e)
{
	struct changes made;
	int64_t id;

	begin();
	values_for(e, &made);
	if (e == ENTITY_ATTACHMENT) {
		commit();
		fixture_sql(tn->database,
			"insert into attachment (contact_id, file_name, size) values (1, 'x', 1)");
		return 1;
	}
	assert_ok(record_create(&cx, e, &made, &id));
	commit();
	return id;
}

static void
every_record_is_made(void **state)
{
	(void)state;
	/* A contact refers to a company. */
	assert_int_equal(make(ENTITY_COMPANY), 1);
	for (int e = 0; e < ENTITY_MAX; e++)
		if (e != ENTITY_COMPANY)
			assert_int_equal(make((enum entity)e), 1);
}

static void
every_record_is_read(void **state)
{
	(void)state;
	for (int e = 0; e < ENTITY_MAX; e++)
		for (int labels = 0; labels < 2; labels++) {
			struct record *rec;

			begin();
			assert_ok(record_read(&cx, (enum entity)e, 1, labels, &rec));
			assert_int_equal(rec->id, 1);
			assert_kind(
				record_read(&cx, (enum entity)e, 99, labels, &rec), ERR_NOT_FOUND);
			commit();
		}
}

static void
every_record_is_listed(void **state)
{
	(void)state;
	for (int e = 0; e < ENTITY_MAX; e++)
		for (int i = 0; i < 4; i++) {
			struct record_query q = {.entity = (enum entity)e,
				.limit = 5,
				.listed = (i & 1) != 0,
				.labels = (i & 2) != 0};
			struct record_page page;

			begin();
			assert_ok(record_list(&cx, &q, &page));
			assert_int_equal(page.n, 1);
			assert_null(page.next);
			commit();
		}
}

static void
every_field_is_compared(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < cx.cat->n; i++) {
		const struct field *f = &cx.cat->fields[i];
		struct json_object *in = json_object_new_string(written_of(f));
		struct err *e = NULL;
		struct value v;
		struct rows *rows;

		if (f->type == FIELD_SIZE || !f->writable || f->entity == ENTITY_ATTACHMENT) {
			json_object_put(in);
			continue;
		}
		assert_true(value_parse(a, f, "HKD", in, &v, &e));
		json_object_put(in);
		assert_ok(record_equals(&cx, f->entity, 1, f, &v, &rows));
		if (rows_count(rows) != 1 || !rows_bool(rows, 0, 0))
			fail_msg("%s.%s is not what was written", entity_name(f->entity), f->name);
	}
	commit();
}

static void
every_record_is_exported(void **state)
{
	int64_t counts[ENTITY_MAX];

	(void)state;
	for (int e = 0; e < ENTITY_MAX; e++) {
		struct record_cursor cursor = {.id = 0};
		struct record_page page;

		if (e != ENTITY_CONTACT && !entity_def((enum entity)e)->child)
			continue;
		for (size_t want = 2; want-- > 0;) {
			begin();
			assert_ok(record_export(&cx, (enum entity)e, 1, 50, &cursor, &page));
			assert_int_equal(page.n, want);
			commit();
		}
		assert_true(cursor.ended);
	}
	begin();
	assert_ok(record_export_counts(&cx, 1, counts));
	assert_int_equal(counts[ENTITY_MESSAGE], 1);
	commit();
}

/* As the job does it: on behalf of a user, by the numbers that were fixed. */
static void
every_list_is_exported(void **state)
{
	static const char *const opened[] = {"salary", "own_text_sealed"};
	struct principal *p;

	(void)state;
	fixture_sql(tn->database, "update contact set disputed = false");
	for (int e = 0; e < ENTITY_MAX; e++) {
		struct record_query q = {.entity = (enum entity)e, .limit = 1};
		int64_t count, after = 0;
		struct record_page page;
		struct layout *l;

		begin();
		assert_ok(principal_of_user(cx.tx, a, 1, &p));
		assert_non_null(p);
		assert_int_equal(p->catalogue_epoch, cx.cat->epoch);
		assert_int_equal(p->scopes[e][RIGHT_EXPORT], SCOPE_ALL);
		cx.principal = p;
		assert_ok(record_export_fix(&cx, &q, e + 1, &count));
		assert_int_equal(count, 1);
		l = record_export_layout(&cx, q.entity, NULL, 0, opened, 2);
		assert_ok(record_export_piece(&cx, l, e + 1, opened, 2, &after, &page));
		assert_int_equal(page.n, 1);
		assert_int_equal(after, 1);
		assert_ok(record_export_piece(&cx, l, e + 1, opened, 2, &after, &page));
		assert_int_equal(page.n, 0);
		commit();
	}
	begin();
	assert_ok(principal_of_user(cx.tx, a, 99, &p));
	assert_null(p);
	commit();
}

static void
every_record_is_changed(void **state)
{
	(void)state;
	for (int e = 0; e < ENTITY_MAX; e++) {
		int64_t version = 0;
		struct changes made;

		begin();
		cleared((enum entity)e, &made);
		assert_ok(record_update(&cx, (enum entity)e, 1, 0, &made, &version));
		assert_ok(record_archive(&cx, (enum entity)e, 1, version, false, &version));
		assert_ok(record_archive(&cx, (enum entity)e, 1, version, true, &version));
		assert_kind(record_archive(&cx, (enum entity)e, 1, version - 1, true, &version),
			ERR_STALE);
		commit();
	}
}

/* As many characters as the field takes, four bytes each and none like the other. */
static const char *
longest(const struct field *f)
{
	size_t n = (size_t)f->max_length;
	unsigned char *s = arena_alloc(a, 4 * n + 1);

	random_bytes(s, 4 * n);
	for (size_t i = 0; i < n; i++) {
		s[4 * i] = 0xf0;
		s[4 * i + 1] = 0xa0 | (s[4 * i + 1] & 0x07);
		s[4 * i + 2] = 0x80 | (s[4 * i + 2] & 0x3f);
		s[4 * i + 3] = 0x80 | (s[4 * i + 3] & 0x3f);
	}
	s[4 * n] = '\0';
	return (const char *)s;
}

/* Whatever length is allowed finds its place, in the indexes too. */
static void
the_longest_values_fit(void **state)
{
	size_t n = 0;

	(void)state;
	for (int e = 0; e < ENTITY_MAX; e++) {
		struct json_object *body = model_object(a);
		struct changes made;
		int64_t version;

		begin();
		for (size_t i = 0; i < cx.cat->n; i++) {
			const struct field *f = &cx.cat->fields[i];

			if (f->entity == (enum entity)e && f->writable && field_is_live(f) &&
				(f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT)) {
				model_text(body, f->name, longest(f));
				n++;
			}
		}
		assert_ok(changes_parse(&cx, (enum entity)e, body, NULL, false, &made));
		assert_int_equal(made.n, json_object_object_length(body));
		assert_ok(record_update(&cx, (enum entity)e, 1, 0, &made, &version));
		commit();
	}
	assert_true(n > 30);
}

/* What a custom field's jobs do with its column. */
static void
every_column_is_refilled(void **state)
{
	size_t done = 0;

	(void)state;
	for (size_t i = 0; begin(), i < cx.cat->n; commit(), i++) {
		const struct field *f = &cx.cat->fields[i];
		int64_t last = 0, n;
		struct rows *ids;
		struct conn *owner;
		const char *to;

		if (f->builtin)
			continue;
		assert_ok(column_count(&cx, f, &n));
		assert_ok(column_empty(&cx, f, 0, 10, &ids));
		done++;
		if (f->entity != ENTITY_CONTACT)
			continue;
		commit();
		to = column_next(a, f, 2);
		assert_ok(tenant_conn_migrate(t, a, tn, &owner));
		assert_ok(conn_script(owner, a, column_add_sql(a, f, to, !f->sealed)));
		assert_ok(conn_script(owner, a, column_shadow_sql(a, f, to)));
		begin();
		assert_ok(column_fill(&cx, f, to, 10, &last, &n));
		assert_int_equal(n, 0);
	}
	commit();
	assert_true(done >= 27);
}

/* Of the workspace's own, the sealed ones with an index each. */
static void
many_fields(enum entity e, int n, const char *type, bool sealed)
{
	struct sb sb;

	sb_init(&sb, a, (size_t)256 << 10);
	for (int i = 1; i <= n; i++) {
		sb_printf(&sb, "alter table %s add column many_%d %s;", entity_name(e), i,
			sealed ? "bytea" : "bigint");
		if (sealed)
			sb_printf(&sb, "alter table %s add column many_%d_bi bytea;",
				entity_name(e), i);
		sb_printf(&sb,
			"insert into field (entity, name, column_name, type, label_en, label_zh, "
			"category, builtin, sealed) values ('%s', 'many_%d', 'many_%d', '%s', 'X', "
			"'X', 'other', true, %s);",
			entity_name(e), i, i, type, sealed ? "true" : "false");
	}
	fixture_sql(tn->database, sb.p);
}

/* A body or a question that names every field there can be. */
static void
as_many_fields_as_there_can_be(void **state)
{
	struct record_query q = {.entity = ENTITY_COMPANY, .limit = 5, .q = "sample"};
	struct record_page page;
	struct changes made;
	struct record *rec;
	int64_t id, version;

	(void)state;
	many_fields(ENTITY_COMPANY, 200, "number", false);
	many_fields(ENTITY_CONTACT, 100, "text", true);
	begin();
	values_for(ENTITY_COMPANY, &made);
	assert_true(made.n > 200);
	assert_ok(record_create(&cx, ENTITY_COMPANY, &made, &id));
	commit();
	begin();
	q.filter = model_object(a);
	for (int i = 1; i <= 200; i++)
		model_text(q.filter, arena_printf(a, "many_%d", i), "12..13");
	assert_ok(record_list(&cx, &q, &page));
	assert_int_equal(page.n, 1);
	commit();
	begin();
	cleared(ENTITY_COMPANY, &made);
	assert_ok(record_update(&cx, ENTITY_COMPANY, id, 0, &made, &version));
	commit();
	begin();
	assert_ok(record_list(&cx, &q, &page));
	assert_int_equal(page.n, 0);
	commit();
	begin();
	values_for(ENTITY_CONTACT, &made);
	assert_true(made.n > 120);
	assert_ok(record_update(&cx, ENTITY_CONTACT, 1, 0, &made, &version));
	commit();
	begin();
	assert_ok(record_read(&cx, ENTITY_CONTACT, 1, true, &rec));
	commit();
}

static int
setup(void **state)
{
	fixture_setup(state);
	tn = fixture_tenant("harbour");
	fixture_fields(tn);
	fixture_sql(tn->database, "insert into team (name) values ('One'); "
				  "insert into app_user (email, email_key, name, profile_id) "
				  "values ('one@example.com', 'x', 'One', 1)");
	assert_ok(tenant_conn(t, a, tn, &own));
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_is_made),
		cmocka_unit_test(every_record_is_read),
		cmocka_unit_test(every_record_is_listed),
		cmocka_unit_test(every_field_is_compared),
		cmocka_unit_test(every_record_is_exported),
		cmocka_unit_test(every_list_is_exported),
		cmocka_unit_test(every_record_is_changed),
		cmocka_unit_test(the_longest_values_fit),
		cmocka_unit_test(every_column_is_refilled),
		cmocka_unit_test(as_many_fields_as_there_can_be),
	};

	return cmocka_run_group_tests_name("records", tests, setup, fixture_teardown);
}
