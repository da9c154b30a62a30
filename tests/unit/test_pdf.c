/* SPDX-License-Identifier: ISC */
/* Papers as PDF: how many pages they have, and that whatever text comes in is laid out. What
 * stands in them is read in tests/web/test_letters.py, by another program. */
#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "pdf.h"
#include "sb.h"

static struct arena *a;

/* fontconfig keeps what it knows of fonts until the process ends. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libcairo\nleak:libpango\n";
}

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)64 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static const struct pdf_doc plain = {.lang = "en",
	.title = "Letter",
	.head = "Harbour Trading",
	.small = "1 Pier Road",
	.page = "Page %s"};

/* Pages of a paper of this text, n times. */
static int
pages_of(enum pdf_kind kind, const char *text, size_t n, struct bytes *pdf_r)
{
	struct pdf_block *blocks = ARENA_ARRAY(a, n + 1, struct pdf_block);
	struct pdf_doc d = plain;
	int pages = 0;

	for (size_t i = 0; i < n; i++)
		blocks[i] = (struct pdf_block){.kind = kind, .text = text, .more = text};
	d.blocks = blocks;
	d.n = n;
	assert_null(pdf_make(a, &d, pdf_r, &pages));
	return pages;
}

static const char *
repeated(const char *s, int n)
{
	struct sb sb;

	sb_init(&sb, a, (size_t)8 << 20);
	for (int i = 0; i < n; i++)
		sb_puts(&sb, s);
	return sb.p;
}

static void
assert_pdf(struct bytes pdf)
{
	assert_true(pdf.n > 500);
	assert_memory_equal(pdf.p, "%PDF-", 5);
	assert_non_null(memmem(pdf.p + pdf.n - 32, 32, "%%EOF", 5));
}

static void
test_one_page(void **state)
{
	struct bytes pdf;

	(void)state;
	assert_int_equal(pages_of(PDF_TEXT, "Dear Sir or Madam:", 3, &pdf), 1);
	assert_pdf(pdf);
	assert_int_equal(pages_of(PDF_TEXT, "", 0, &pdf), 1);
	assert_pdf(pdf);
}

static void
test_as_many_pages_as_it_takes(void **state)
{
	static const enum pdf_kind kinds[] = {PDF_TEXT, PDF_HEADING, PDF_PAIR};
	struct bytes pdf;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int few = pages_of(kinds[i], "A line of a letter.", 60, &pdf);
		int many = pages_of(kinds[i], "A line of a letter.", 600, &pdf);

		assert_pdf(pdf);
		assert_true(few >= 2 && many > 6 * few);
	}
}

/* A paragraph that is longer than a page is cut between lines. */
static void
test_one_long_paragraph(void **state)
{
	struct bytes pdf;

	(void)state;
	assert_true(pages_of(PDF_TEXT, repeated("words of a letter ", 2000), 1, &pdf) > 5);
	assert_true(pages_of(PDF_TEXT,
			    repeated("\xe4\xbd\xa0\xe7\x9a\x84\xe8\xb3\x87\xe6\x96\x99\xef\xbc\x8c",
				    3000),
			    1, &pdf) > 5);
	assert_pdf(pdf);
}

/* Processor time of a paper of one paragraph that is this long. */
static double
seconds_of(const char *text, int *pages_r)
{
	struct bytes pdf;
	clock_t from = clock();

	*pages_r = pages_of(PDF_TEXT, text, 1, &pdf);
	assert_pdf(pdf);
	return (double)(clock() - from) / CLOCKS_PER_SEC;
}

/* Sixteen times the text takes sixteen times as long, give or take: not the square of that. */
static void
test_a_megabyte_without_a_line_end(void **state)
{
	static const char *const words[] = {"words of a letter ",
		"\xe4\xbd\xa0\xe7\x9a\x84\xe8\xb3\x87\xe6\x96\x99\xef\xbc\x8c"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		int n = (1 << 16) / (int)strlen(words[i]), few, many;
		double little, much;

		little = seconds_of(repeated(words[i], n), &few);
		much = seconds_of(repeated(words[i], 16 * n), &many);
		assert_in_range(many, 15 * few, 16 * few);
		assert_true(much < 40 * little);
	}
}

static void
test_what_does_not_break_and_odd_characters(void **state)
{
	static const char *const texts[] = {"\xf0\xa0\xae\xb7\xe6\x9d\x8e",
		("\xe2\x80\xae"
		 "abc"),
		"<b>&amp;</b>", "%s %n", "\n\n\n", "\xf0\x9f\x98\x80", "a\tb",
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"};
	struct bytes pdf;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(pages_of(PDF_TEXT, texts[i], 1, &pdf), 1);
		assert_pdf(pdf);
	}
	assert_true(pages_of(PDF_TEXT, repeated("x", 20000), 1, &pdf) > 2);
	assert_pdf(pdf);
}

static void
test_without_end_is_refused(void **state)
{
	struct pdf_block block = {.kind = PDF_TEXT, .text = repeated("x\n", 28000)};
	struct pdf_doc d = plain;
	struct bytes pdf;
	struct err *e;
	int pages;

	(void)state;
	d.blocks = &block;
	d.n = 1;
	e = pdf_make(a, &d, &pdf, &pages);
	assert_non_null(e);
	assert_int_equal(e->kind, ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_as_many_pages_as_it_takes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_long_paragraph, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_megabyte_without_a_line_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_does_not_break_and_odd_characters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_end_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
