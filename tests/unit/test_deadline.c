/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "date.h"
#include "deadline.h"

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

/* Of the winter of 2025/26, and the spring after it. */
static const char *const announced[] = {"2025-12-25", "2025-12-26", "2026-01-01", "2026-02-17",
	"2026-02-18", "2026-02-19", "2026-04-03", "2026-04-04", "2026-04-06", "2026-04-07",
	"2026-05-01", "2026-05-25"};

static int64_t days[COUNT(announced) + 1];
static struct holidays h = {days, COUNT(announced), 0};

struct vector {
	const char *event;
	int days;
	const char *target;
	const char *last;
};

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(1 << 20);
	for (size_t i = 0; i < COUNT(announced); i++)
		days[i] = date_number(announced[i]);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void
check(const struct holidays *set, const struct vector *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct vector *v = &list[i];
		struct deadline d = deadline_count(set, date_number(v->event), v->days);

		if (strcmp(date_of_number(a, d.target), v->target) != 0 ||
			strcmp(date_of_number(a, d.last), v->last) != 0)
			fail_msg("%s + %d: %s, %s", v->event, v->days, date_of_number(a, d.target),
				date_of_number(a, d.last));
	}
}

static void
forty_and_fourteen_days(void **state)
{
	static const struct vector list[] = {
		/* A Saturday is a day like any other. */
		{"2026-01-05", 40, "2026-02-14", "2026-02-14"},
		{"2025-12-16", 40, "2026-01-25", "2026-01-26"},
		{"2026-01-08", 40, "2026-02-17", "2026-02-20"},
		{"2026-02-22", 40, "2026-04-03", "2026-04-08"},
		{"2024-01-20", 40, "2024-02-29", "2024-02-29"},
		{"2026-03-24", 14, "2026-04-07", "2026-04-08"},
		/* The days that do not count are left out at the end alone. */
		{"2026-03-21", 40, "2026-04-30", "2026-04-30"},
		{"2026-03-22", 40, "2026-05-01", "2026-05-02"},
		/* Over the end of a year, and a year without a leap day. */
		{"2025-11-22", 40, "2026-01-01", "2026-01-02"},
		{"2027-01-20", 40, "2027-03-01", "2027-03-01"},
	};

	(void)state;
	check(&h, list, COUNT(list));
}

static void
ten_working_days(void **state)
{
	static const struct holidays none = {NULL, 0, 0};

	(void)state;
	assert_string_equal(date_of_number(a, deadline_working(&h, date_number("2026-02-13"), 10)),
		"2026-02-28");
	assert_string_equal(
		date_of_number(a, deadline_working(&none, date_number("2026-02-13"), 10)),
		"2026-02-25");
}

static void
a_short_period_leaves_out_what_is_inside(void **state)
{
	static const struct vector list[] = {
		{"2026-02-14", 6, "2026-02-25", "2026-02-25"},
		{"2026-02-14", 7, "2026-02-21", "2026-02-21"},
		{"2026-02-16", 1, "2026-02-20", "2026-02-20"},
	};

	(void)state;
	check(&h, list, COUNT(list));
}

static void
what_is_due_at_once_is_due_that_day(void **state)
{
	static const struct vector list[] = {
		{"2026-02-17", 0, "2026-02-17", "2026-02-17"},
		{"2026-02-15", 0, "2026-02-15", "2026-02-15"},
	};

	(void)state;
	check(&h, list, COUNT(list));
}

/* Known only afterwards: the last day moves, and what was counted does not. */
static void
a_day_of_a_warning_moves_the_last_day_alone(void **state)
{
	static const struct vector before = {"2026-01-05", 40, "2026-02-14", "2026-02-14"};
	static const struct vector after = {"2026-01-05", 40, "2026-02-14", "2026-02-16"};
	/* It changes nothing for what ends on another day. */
	static const struct vector other = {"2026-01-04", 40, "2026-02-13", "2026-02-13"};
	int64_t with[COUNT(days)];
	struct holidays more = {with, COUNT(announced) + 1, 0};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(announced); i++) {
		if (n == i && days[i] > date_number("2026-02-14"))
			with[n++] = date_number("2026-02-14");
		with[n++] = days[i];
	}
	check(&h, &before, 1);
	check(&more, &after, 1);
	check(&more, &other, 1);
}

static void
sundays_and_listed_days(void **state)
{
	static const char *const on[] = {"2026-02-15", "2026-02-17", "2025-12-25", "2026-05-25",
		"1969-12-28", "1970-01-04", "2000-02-27", "2099-12-27"};
	static const char *const off[] = {"2026-02-14", "2026-02-16", "2026-02-20", "2026-05-26",
		"2025-12-24", "1969-12-27", "1970-01-01", "2099-12-25"};

	(void)state;
	for (size_t i = 0; i < COUNT(on); i++)
		if (!holidays_on(&h, date_number(on[i])))
			fail_msg("%s", on[i]);
	for (size_t i = 0; i < COUNT(off); i++)
		if (holidays_on(&h, date_number(off[i])))
			fail_msg("%s", off[i]);
}

/* Five of them, as the target of telling the Commissioner is counted. */
static void
five_business_days(void **state)
{
	static const char *const vectors[][2] = {
		{"2026-01-05", "2026-01-12"}, /* Monday to Monday */
		{"2026-01-09", "2026-01-16"}, /* Friday */
		{"2026-01-10", "2026-01-16"}, /* Saturday */
		{"2026-02-13", "2026-02-25"}, /* Lunar New Year inside */
		{"2026-04-01", "2026-04-13"}, /* Easter and Ching Ming inside */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++)
		assert_string_equal(
			date_of_number(a, deadline_business(&h, date_number(vectors[i][0]), 5)),
			vectors[i][1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forty_and_fourteen_days),
		cmocka_unit_test(ten_working_days),
		cmocka_unit_test(a_short_period_leaves_out_what_is_inside),
		cmocka_unit_test(what_is_due_at_once_is_due_that_day),
		cmocka_unit_test(a_day_of_a_warning_moves_the_last_day_alone),
		cmocka_unit_test(sundays_and_listed_days),
		cmocka_unit_test(five_business_days),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
