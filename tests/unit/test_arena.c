/* SPDX-License-Identifier: ISC */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "num.h"
#include "sb.h"
#include "utf8.h"

static int calls;

static void
count_call(void *arg)
{
	calls += *(int *)arg;
}

static void
reset_runs_hooks_and_zeroes(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *p = arena_alloc(a, 100);
	static int one = 1;

	(void)state;
	memset(p, 'x', 100);
	arena_on_reset(a, count_call, &one);
	calls = 0;
	arena_reset(a);
	assert_int_equal(calls, 1);
	p = arena_alloc(a, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	arena_free(&a);
	assert_null(a);
	assert_int_equal(calls, 1);
}

static void
release_goes_back_to_the_mark(void **state)
{
	struct arena *a = arena_new(1 << 24);
	char *kept = arena_strdup(a, "kept");
	size_t used = arena_used(a);
	struct arena_mark m = arena_mark(a);

	(void)state;
	for (int i = 0; i < 200; i++)
		memset(arena_alloc(a, 10000), i, 10000);
	arena_release(a, m);
	assert_string_equal(kept, "kept");
	assert_int_equal(arena_used(a), used);
	arena_free(&a);
}

static size_t
in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void
take_pieces(struct arena *a, size_t total)
{
	for (size_t n = 0; n < total; n += 5000)
		memset(arena_alloc(a, 5000), 'x', 5000);
}

static void
a_request_like_the_last_asks_nothing_of_the_heap(void **state)
{
	struct arena *a = arena_new(1 << 24);
	size_t before;

	(void)state;
	take_pieces(a, 500000);
	arena_reset(a);
	before = in_use();
	for (int i = 0; i < 10; i++) {
		take_pieces(a, 500000);
		assert_int_equal(in_use(), before);
		arena_reset(a);
		assert_int_equal(in_use(), before);
		assert_int_equal(*(char *)arena_alloc(a, 1), 0);
	}
	arena_free(&a);
}

static void
what_a_large_request_took_goes_back(void **state)
{
	struct arena *a = arena_new(1 << 24);
	size_t before = in_use();

	(void)state;
	take_pieces(a, 3000000);
	arena_alloc(a, 4000000);
	if (before > 0) /* counted, which sanitizers do not */
		assert_true(in_use() >= before + 7000000);
	arena_reset(a);
	assert_int_equal(in_use(), before);
	/* And in many small steps, the largest of which is kept. */
	for (size_t n = 1000; n < 4000000; n += n / 3) {
		take_pieces(a, n);
		arena_reset(a);
		assert_true(in_use() <= before + 1024 * 1024);
	}
	arena_free(&a);
}

static void
read_text(void *arg)
{
	calls += strcmp(arg, "still there") == 0;
}

static void
hooks_of_every_block_see_what_they_were_given(void **state)
{
	struct arena *a = arena_new(1 << 24);

	(void)state;
	calls = 0;
	for (int i = 0; i < 100; i++) {
		arena_on_reset(a, read_text, arena_strdup(a, "still there"));
		arena_alloc(a, 3000);
	}
	arena_reset(a);
	assert_int_equal(calls, 100);
	arena_reset(a);
	assert_int_equal(calls, 100);
	arena_free(&a);
}

static void
over_budget_ends_the_process(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct arena *a = arena_new(1000);

		close(STDERR_FILENO);
		arena_alloc(a, 2000);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void
builder_stops_at_its_maximum(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sb sb;

	(void)state;
	sb_init(&sb, a, 5);
	sb_puts(&sb, "abc");
	assert_true(sb_ok(&sb));
	sb_puts(&sb, "def");
	assert_false(sb_ok(&sb));
	assert_string_equal(sb.p, "abc");
	sb_clear(&sb);
	sb_printf(&sb, "%d", 12345);
	assert_true(sb_ok(&sb));
	assert_string_equal(sb.p, "12345");
	arena_free(&a);
}

/* Wherever the end of a block falls. */
static void
printed_texts_are_whole(void **state)
{
	struct arena *a = arena_new(1 << 24);
	char *texts[5000];
	char want[100];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		texts[i] = arena_printf(a, "%d%*s|", i, i % 61, "");
		assert_int_equal((uintptr_t)texts[i] % _Alignof(max_align_t), 0);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(want, sizeof(want), "%d%*s|", i, i % 61, "");
		assert_string_equal(texts[i], want);
	}
	/* What follows is zero, though a longer text was tried there before. */
	assert_int_equal(strlen(arena_printf(a, "%*s", 40000, "x")), 40000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(*(char *)arena_alloc(a, 1), 0);
	arena_free(&a);
}

static void
printing_stops_at_the_maximum(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct sb sb;

	(void)state;
	sb_init(&sb, a, 1000);
	for (int i = 0; i < 100; i++)
		sb_printf(&sb, "%010d", i);
	assert_true(sb_ok(&sb));
	assert_int_equal(sb.n, 1000);
	assert_int_equal(strlen(sb.p), 1000);
	assert_memory_equal(sb.p + 250, "0000000025", 10);
	sb_printf(&sb, "%d", 1);
	assert_false(sb_ok(&sb));
	assert_int_equal(strlen(sb.p), 1000);
	/* Room for it, but not within the maximum: nothing of it is left. */
	sb_init(&sb, a, 300);
	sb_printf(&sb, "%0290d", 1);
	sb_printf(&sb, "%s", "twelve bytes");
	assert_false(sb_ok(&sb));
	assert_int_equal(strlen(sb.p), 290);
	arena_free(&a);
}

static void
numbers_are_whole_and_bounded(void **state)
{
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "01", "-0", "1e3", "0x10",
		"9223372036854775808", "-9223372036854775809", "101", "-1"};
	int64_t v = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(num_parse_i64(bad[i], 0, 100, &v));
	assert_int_equal(v, 7);
	assert_true(num_parse_i64("100", 0, 100, &v));
	assert_int_equal(v, 100);
	assert_true(num_parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MIN);
}

static void
utf8_is_strict(void **state)
{
	static const char *const bad[] = {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\xff", "\xe4\xb8", "a\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	assert_false(utf8_valid("a\0b", 3));
	assert_true(utf8_valid("陳大文\xf0\xa0\x80\x80", 13));
	assert_int_equal(utf8_length("陳大文\xf0\xa0\x80\x80"), 4);
	assert_true(utf8_is_han(0x20000));
	assert_false(utf8_is_han('A'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reset_runs_hooks_and_zeroes),
		cmocka_unit_test(release_goes_back_to_the_mark),
		cmocka_unit_test(a_request_like_the_last_asks_nothing_of_the_heap),
		cmocka_unit_test(what_a_large_request_took_goes_back),
		cmocka_unit_test(hooks_of_every_block_see_what_they_were_given),
		cmocka_unit_test(over_budget_ends_the_process),
		cmocka_unit_test(builder_stops_at_its_maximum),
		cmocka_unit_test(printed_texts_are_whole),
		cmocka_unit_test(printing_stops_at_the_maximum),
		cmocka_unit_test(numbers_are_whole_and_bounded),
		cmocka_unit_test(utf8_is_strict),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
