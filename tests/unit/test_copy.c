/* SPDX-License-Identifier: ISC */
/* Rows as they come, one at a time, and what a server or a reader may do amid them. */
#include "tx_fixture.h"

#include "copy.h"

STMT(three, "test.copy_three", 0,
	"select n::bigint, case when n <> 2 then repeat('x', n) end, n = 3 from "
	"generate_series(1, 3) n");
STMT(none, "test.copy_none", 0, "select 1 where false");
STMT(many, "test.copy_many", 1, "select n::bigint from generate_series(1, $1::bigint) n");
STMT(quoted, "test.copy_quoted", 3,
	"select $2::text, $1::bigint, $3::text, 'no ' || chr(36) || '9', $2::text");
STMT(breaks, "test.copy_breaks", 0, "select 10 / (5 - n) from generate_series(1, 9) n");
STMT(wrong, "test.copy_wrong", 0, "select nothing_like_it");
STMT(limited, "test.copy_limited", 0, "set statement_timeout = 50");
STMT(sleeps, "test.copy_sleeps", 0, "select n, pg_sleep(0.02) from generate_series(1, 1000) n");

struct seen {
	size_t rows, fields;
	uint64_t sum;
	const char *texts[8];
	size_t stop; /* behind so many rows; 0: never */
};

static struct err *
look(void *ctx, struct copy_row *row)
{
	struct seen *s = ctx;
	struct copy_field f;

	s->fields = 0;
	while (copy_next(row, &f)) {
		if (s->fields < 8)
			s->texts[s->fields] =
				f.p == NULL ? NULL : arena_strndup(a, (const char *)f.p, f.n);
		if (s->fields++ == 0 && f.n == 8)
			s->sum += copy_number(&f);
	}
	assert_false(copy_next(row, &f));
	return ++s->rows == s->stop ? err_new(a, ERR_BUSY, "test.stopped") : NULL;
}

static struct err *
each_of_three(void *ctx, struct copy_row *row)
{
	struct seen *s = ctx;
	struct copy_field n, text, yes;

	assert_true(copy_next(row, &n));
	assert_true(copy_next(row, &text));
	assert_true(copy_next(row, &yes));
	s->rows++;
	assert_int_equal(copy_number(&n), s->rows);
	if (s->rows == 2)
		assert_null(text.p);
	else
		assert_memory_equal(text.p, "xxx", s->rows);
	assert_int_equal(text.n, s->rows == 2 ? 0 : s->rows);
	assert_int_equal(copy_number(s->rows == 2 ? &text : &yes), s->rows == 3);
	return NULL;
}

static void
rows_come_in_turn_with_their_nulls(void **state)
{
	struct seen s = {0};

	(void)state;
	assert_ok(conn_copy(c, a, &three, NO_VALS, each_of_three, &s));
	assert_int_equal(s.rows, 3);
	assert_usable(1);
}

static void
no_row_is_none(void **state)
{
	struct seen s = {0};

	(void)state;
	assert_ok(conn_copy(c, a, &none, NO_VALS, look, &s));
	assert_int_equal(s.rows, 0);
	assert_usable(1);
}

static void
more_rows_than_any_buffer_holds(void **state)
{
	struct seen s = {0};

	(void)state;
	assert_ok(conn_copy(c, a, &many, VALS(val_i64(100000)), look, &s));
	assert_int_equal(s.rows, 100000);
	assert_int_equal(s.sum, 5000050000);
	assert_int_equal(s.fields, 1);
	assert_usable(1);
}

static void
values_stay_values(void **state)
{
	struct seen s = {0};
	const char *evil = "'); drop table item; -- \\' $1 $3";

	(void)state;
	assert_ok(conn_copy(c, a, &quoted,
		VALS(val_i64(-7), val_text(evil), val_text("\xe9\x99\xb3")), look, &s));
	assert_int_equal(s.rows, 1);
	assert_int_equal(s.fields, 5);
	assert_string_equal(s.texts[0], evil);
	assert_string_equal(s.texts[2], "\xe9\x99\xb3");
	assert_string_equal(s.texts[3], "no $9");
	assert_string_equal(s.texts[4], evil);
	assert_int_equal(items(), 0);
	assert_usable(1);
}

static void
a_statement_that_is_none_is_an_error(void **state)
{
	struct seen s = {0};

	(void)state;
	assert_err(conn_copy(c, a, &wrong, NO_VALS, look, &s), ERR_INTERNAL, "42703");
	assert_int_equal(s.rows, 0);
	assert_usable(1);
}

static void
what_fails_amid_the_rows_is_no_end_of_them(void **state)
{
	struct seen s = {0};

	(void)state;
	assert_err(conn_copy(c, a, &breaks, NO_VALS, look, &s), ERR_INTERNAL, "22012");
	assert_true(s.rows < 9);
	assert_usable(1);
}

static void
it_takes_no_longer_than_a_statement_may(void **state)
{
	struct seen s = {0};

	(void)state;
	assert_ok(conn_query(c, a, &limited, NO_VALS, NULL));
	assert_err(conn_copy(c, a, &sleeps, NO_VALS, look, &s), ERR_BUSY, "57014");
	assert_true(s.rows < 1000);
	assert_usable(1);
}

static void
who_reads_may_stop_it(void **state)
{
	struct seen s = {.stop = 3};
	struct err *e;

	(void)state;
	e = conn_copy(c, a, &many, VALS(val_i64(1000000)), look, &s);
	assert_non_null(e);
	assert_string_equal(e->key, "test.stopped");
	assert_int_equal(s.rows, 3);
	/* The rest of the rows is in nobody's way. */
	s = (struct seen){0};
	assert_ok(conn_copy(c, a, &many, VALS(val_i64(2)), look, &s));
	assert_int_equal(s.rows, 2);
	assert_usable(1);
}

/* Fields as nobody sends them. */
static bool
field_of(const char *bytes, size_t n, int left, struct copy_field *f)
{
	struct copy_row row = {
		(const unsigned char *)bytes, (const unsigned char *)bytes + n, left};

	return copy_next(&row, f);
}

static void
a_field_that_is_cut_off_is_none(void **state)
{
	struct copy_field f;

	(void)state;
	assert_false(field_of("", 0, 1, &f));
	assert_false(field_of("\0\0\0", 3, 1, &f));
	assert_false(field_of("\0\0\0\2a", 5, 1, &f));
	assert_false(field_of("\xff\xff\xff\xfe", 4, 1, &f));
	assert_false(field_of("\0\0\0\1a", 5, 0, &f));
	assert_true(field_of("\0\0\0\1a", 5, 1, &f));
	assert_int_equal(copy_number(&f), 'a');
	assert_true(field_of("\0\0\0\0", 4, 1, &f));
	assert_non_null(f.p);
	assert_int_equal(copy_number(&f), 0);
	assert_true(field_of("\xff\xff\xff\xff", 4, 1, &f));
	assert_null(f.p);
	assert_true(field_of("\0\0\0\x8\xff\xff\xff\xff\xff\xff\xff\xfe", 12, 1, &f));
	assert_int_equal(copy_number(&f), UINT64_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		tx_test(rows_come_in_turn_with_their_nulls),
		tx_test(no_row_is_none),
		tx_test(more_rows_than_any_buffer_holds),
		tx_test(values_stay_values),
		tx_test(a_statement_that_is_none_is_an_error),
		tx_test(what_fails_amid_the_rows_is_no_end_of_them),
		tx_test(it_takes_no_longer_than_a_statement_may),
		tx_test(who_reads_may_stop_it),
		cmocka_unit_test(a_field_that_is_cut_off_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
