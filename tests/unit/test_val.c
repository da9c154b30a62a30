/* SPDX-License-Identifier: ISC */
/* Values to PostgreSQL and back. */
#include "db_fixture.h"

STMT(echo_text, "test.echo_text", 1, "select $1::text");
STMT(echo_texts, "test.echo_texts", 1, "select $1::text[], cardinality($1::text[])");
STMT(element_is, "test.element_is", 3,
	"select ($1::text[])[$2::int] is not distinct from $3::text");
STMT(echo_i64s, "test.echo_i64s", 1, "select $1::bigint[]");
STMT(echo_bytes, "test.echo_bytes", 1, "select $1::bytea, length($1::bytea)");
STMT(byteses_at, "test.byteses_at", 2, "select ($1::bytea[])[$2::int]");
STMT(numbers, "test.numbers", 2,
	"select 1::int2, -7::int4, $1::bigint, 12::numeric, null::bigint, $2::bool, null::bool");
STMT(moment, "test.moment", 1,
	"select $1::timestamptz, (extract(epoch from $1::timestamptz) * 1000000)::bigint");
STMT(nulls, "test.nulls", 1,
	"select $1::text, $1::text[], $1::bigint[], $1::bytea, array[null, 'NULL', 'null']::text[],"
	" array[1, null]::bigint[]");
STMT(columns, "test.columns", 0, "select 1 as \"First\", 2 as second where false");
STMT(two_dimensions, "test.two_dimensions", 0, "select array[array[1, 2], array[3, 4]]");
STMT(bytes_of_text, "test.bytes_of_text", 0, "select 'not bytes'");

static struct rows *
ask(const struct stmt *s, struct vals vals)
{
	struct rows *rows;

	assert_ok(conn_query(c, a, s, vals, &rows));
	return rows;
}

/* What people type, and what breaks array literals. */
static const char *const hard[] = {"", "NULL", "null", "a,b", "{}", "{a}", "\"", "\\", "\\\\\"",
	"'; drop table contact; --", " leading", "trailing ", "\t\n\r", "陳大文",
	"\xf0\xa0\xae\xb7野家", "$1", "%s", "\x01\x7f", "a\"b\\c,d{e}f", "\\x41", "e\xcc\x81"};
#define HARD (sizeof(hard) / sizeof(hard[0]))

static void
texts_come_back_unchanged(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARD; i++) {
		struct rows *r = ask(&echo_text, VALS(val_text(hard[i])));

		assert_string_equal(rows_text(r, 0, 0), hard[i]);
	}
}

static void
arrays_of_text_come_back_unchanged(void **state)
{
	const char *list[HARD + 2] = {NULL};
	const char **back;
	struct rows *r;
	size_t n;

	(void)state;
	memcpy(list + 1, hard, sizeof(hard));
	r = ask(&echo_texts, VALS(val_texts(list, HARD + 2)));
	assert_int_equal(rows_i64(r, 0, 1), HARD + 2);
	back = rows_texts(a, r, 0, 0, &n);
	assert_int_equal(n, HARD + 2);
	assert_null(back[0]);
	assert_null(back[n - 1]);
	for (size_t i = 0; i < HARD; i++)
		assert_string_equal(back[i + 1], hard[i]);
}

/* Not only our reader undoes what our writer did: the server agrees. */
static void
the_server_sees_the_same_elements(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARD; i++) {
		struct rows *r = ask(&element_is,
			VALS(val_texts(hard, HARD), val_i64((int64_t)i + 1), val_text(hard[i])));

		assert_true(rows_bool(r, 0, 0));
	}
}

static void
empty_arrays_are_not_null(void **state)
{
	static const char *const one_empty[] = {""};
	struct rows *r = ask(&echo_texts, VALS(val_texts(NULL, 0)));
	size_t n = 9;

	(void)state;
	assert_false(rows_null(r, 0, 0));
	assert_non_null(rows_texts(a, r, 0, 0, &n));
	assert_int_equal(n, 0);
	r = ask(&echo_texts, VALS(val_texts(one_empty, 1)));
	assert_string_equal(rows_texts(a, r, 0, 0, &n)[0], "");
	assert_int_equal(n, 1);
	r = ask(&echo_i64s, VALS(val_i64s(NULL, 0)));
	assert_non_null(rows_i64s(a, r, 0, 0, &n));
	assert_int_equal(n, 0);
}

static void
numbers_reach_their_limits(void **state)
{
	static const int64_t list[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
	struct rows *r = ask(&echo_i64s, VALS(val_i64s(list, 5)));
	int64_t *back;
	size_t n;

	(void)state;
	back = rows_i64s(a, r, 0, 0, &n);
	assert_int_equal(n, 5);
	assert_memory_equal(back, list, sizeof(list));
	r = ask(&numbers, VALS(val_i64(INT64_MIN), val_bool(true)));
	assert_int_equal(rows_i64(r, 0, 0), 1);
	assert_int_equal(rows_i64(r, 0, 1), -7);
	assert_true(rows_i64(r, 0, 2) == INT64_MIN);
	assert_int_equal(rows_i64(r, 0, 3), 12);
	assert_int_equal(rows_i64(r, 0, 4), 0);
	assert_true(rows_bool(r, 0, 5));
	assert_false(rows_bool(r, 0, 6));
	r = ask(&numbers, VALS(val_id(0), val_bool(false)));
	assert_true(rows_null(r, 0, 2));
	assert_false(rows_bool(r, 0, 5));
}

static void
times_are_microseconds_either_way(void **state)
{
	static const char *const times[] = {"1999-12-31 23:59:59.999999+00",
		"1970-01-01 00:00:00+00", "1969-12-31 23:59:59.5+00",
		"2024-02-29 12:00:00.000001+08", "0001-01-01 00:00:00+00",
		"9999-12-31 23:59:59.1+00", "1900-02-28 23:59:59+00", "1900-03-01 00:00:00+00",
		"2000-02-29 00:00:00+00", "2026-01-01 00:00:00+00", "2100-12-31 23:59:59+00", NULL};

	(void)state;
	for (size_t i = 0; times[i] != NULL; i++) {
		struct rows *r = ask(&moment, VALS(val_text(times[i])));

		assert_true(rows_i64(r, 0, 0) == rows_i64(r, 0, 1));
	}
	assert_int_equal(rows_i64(ask(&moment, VALS(val_text(NULL))), 0, 0), 0);
}

static void
nulls_are_null(void **state)
{
	struct rows *r = ask(&nulls, VALS(val_text(NULL)));
	const char **texts;
	size_t n = 9;

	(void)state;
	assert_null(rows_text(r, 0, 0));
	assert_null(rows_texts(a, r, 0, 1, &n));
	assert_int_equal(n, 0);
	assert_null(rows_i64s(a, r, 0, 2, &n));
	assert_null(rows_bytes(a, r, 0, 3).p);
	texts = rows_texts(a, r, 0, 4, &n);
	assert_int_equal(n, 3);
	assert_null(texts[0]);
	assert_string_equal(texts[1], "NULL");
	assert_string_equal(texts[2], "null");
	assert_int_equal(rows_i64s(a, r, 0, 5, &n)[1], 0);
	assert_int_equal(n, 2);
}

static void
bytes_come_back_unchanged(void **state)
{
	unsigned char all[256];
	struct rows *r;
	struct bytes back;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	for (size_t len = 0; len <= 256; len += 64) {
		r = ask(&echo_bytes, VALS(val_bytes((struct bytes){all, len})));
		back = rows_bytes(a, r, 0, 0);
		assert_non_null(back.p);
		assert_int_equal(back.n, len);
		assert_int_equal(rows_i64(r, 0, 1), len);
		assert_memory_equal(back.p, all, len);
	}
	r = ask(&echo_bytes, VALS(val_bytes((struct bytes){NULL, 0})));
	assert_true(rows_null(r, 0, 0));
}

static void
arrays_of_bytes_come_back_unchanged(void **state)
{
	static const unsigned char raw[] = {0, '"', '\\', 0xff, ',', '}'};
	const struct bytes list[] = {{raw, sizeof(raw)}, {NULL, 0}, {raw, 0}, {raw + 3, 1}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct rows *r = ask(&byteses_at, VALS(val_byteses(list, 4), val_i64(i + 1)));
		struct bytes back = rows_bytes(a, r, 0, 0);

		assert_int_equal(back.p == NULL, list[i].p == NULL);
		assert_int_equal(back.n, list[i].n);
		if (list[i].n > 0)
			assert_memory_equal(back.p, list[i].p, list[i].n);
	}
}

static void
ten_megabytes_pass(void **state)
{
	const size_t size = (size_t)10 << 20;
	char *text = arena_alloc(a, size + 1);
	const char *list[1];
	struct rows *r;
	size_t n;

	(void)state;
	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + i % 23);
	r = ask(&echo_text, VALS(val_text(text)));
	assert_memory_equal(rows_text(r, 0, 0), text, size + 1);
	r = ask(&echo_bytes, VALS(val_bytes((struct bytes){(unsigned char *)text, size})));
	assert_int_equal(rows_i64(r, 0, 1), size);
	assert_memory_equal(rows_bytes(a, r, 0, 0).p, text, size);
	list[0] = text;
	r = ask(&echo_texts, VALS(val_texts(list, 1)));
	assert_string_equal(rows_texts(a, r, 0, 0, &n)[0], text);
}

static void
values_may_go_once_they_are_queued(void **state)
{
	char buffer[] = "before";
	unsigned char raw[] = {1, 2};
	struct rows *text;
	struct rows *bytes;
	struct tx *tx;

	(void)state;
	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx));
	tx_queue(tx, &echo_text, VALS(val_text(buffer)), &text);
	tx_queue(tx, &echo_bytes, VALS(val_bytes((struct bytes){raw, 2})), &bytes);
	memset(buffer, 'x', sizeof(buffer) - 1);
	memset(raw, 9, sizeof(raw));
	assert_ok(tx_commit(tx));
	assert_string_equal(rows_text(text, 0, 0), "before");
	assert_int_equal(rows_bytes(a, bytes, 0, 0).p[0], 1);
	tx_end(&tx);
}

static void
text_that_is_not_utf8_is_not_repeated(void **state)
{
	struct rows *rows;
	struct err *e = conn_query(c, a, &echo_text, VALS(val_text("secret\xff")), &rows);

	(void)state;
	assert_err(e, ERR_INTERNAL, "test.echo_text: SQLSTATE 22021");
	assert_null(strstr(e->detail, "secret"));
	assert_null(rows);
}

static void
columns_have_names(void **state)
{
	struct rows *r = ask(&columns, NO_VALS);

	(void)state;
	assert_int_equal(rows_count(r), 0);
	assert_int_equal(rows_columns(r), 2);
	assert_string_equal(rows_column_name(r, 0), "First");
	assert_string_equal(rows_column_name(r, 1), "second");
}

static void
read_row_that_is_not(void)
{
	rows_text(ask(&bytes_of_text, NO_VALS), 1, 0);
}

static void
read_column_that_is_not(void)
{
	rows_text(ask(&bytes_of_text, NO_VALS), 0, 1);
}

static void
read_text_as_bytes(void)
{
	rows_bytes(a, ask(&bytes_of_text, NO_VALS), 0, 0);
}

static void
read_text_as_bool(void)
{
	rows_bool(ask(&bytes_of_text, NO_VALS), 0, 0);
}

static void
read_text_as_number(void)
{
	rows_i64(ask(&bytes_of_text, NO_VALS), 0, 0);
}

static void
read_text_as_array(void)
{
	size_t n;

	rows_texts(a, ask(&bytes_of_text, NO_VALS), 0, 0, &n);
}

static void
read_two_dimensions(void)
{
	size_t n;

	rows_i64s(a, ask(&two_dimensions, NO_VALS), 0, 0, &n);
}

static void
forget_the_values(void)
{
	ask(&echo_text, NO_VALS);
}

static void
asking_for_what_is_not_there_panics(void **state)
{
	(void)state;
	assert_panics(read_row_that_is_not);
	assert_panics(read_column_that_is_not);
	assert_panics(read_text_as_bytes);
	assert_panics(read_text_as_bool);
	assert_panics(read_text_as_number);
	assert_panics(read_text_as_array);
	assert_panics(read_two_dimensions);
	assert_panics(forget_the_values);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(texts_come_back_unchanged),
		db_test(arrays_of_text_come_back_unchanged),
		db_test(the_server_sees_the_same_elements),
		db_test(empty_arrays_are_not_null),
		db_test(numbers_reach_their_limits),
		db_test(times_are_microseconds_either_way),
		db_test(nulls_are_null),
		db_test(bytes_come_back_unchanged),
		db_test(arrays_of_bytes_come_back_unchanged),
		db_test(ten_megabytes_pass),
		db_test(values_may_go_once_they_are_queued),
		db_test(text_that_is_not_utf8_is_not_repeated),
		db_test(columns_have_names),
		db_test(asking_for_what_is_not_there_panics),
	};

	return cmocka_run_group_tests_name("val", tests, NULL, NULL);
}
