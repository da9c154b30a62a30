/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "csv.h"
#include "utf8.h"

#define ROW_MAX 4096

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new((size_t)256 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* Rows as text: "1:a|b/" , with !L, !B or !Q behind the number for an error. */
static bool
write_row(void *ctx, const struct csv_row *row)
{
	static const char *const errors[] = {"", "!L", "!B", "!Q"};
	struct sb *sb = ctx;

	sb_printf(sb, "%lld%s:", (long long)row->number, errors[row->error]);
	for (size_t i = 0; i < row->count; i++) {
		assert_true(utf8_valid(row->cells[i], strlen(row->cells[i])));
		if (i > 0)
			sb_putc(sb, '|');
		sb_puts(sb, row->cells[i]);
	}
	sb_putc(sb, '/');
	return true;
}

static const char *
read_in_pieces(struct csv_format format, size_t row_max, const void *p, size_t n, size_t step)
{
	const unsigned char *u = p;
	struct csv_reader *r;
	struct sb sb;

	sb_init(&sb, a, (size_t)16 << 20);
	r = csv_reader_new(format, row_max, write_row, &sb);
	while (n > 0) {
		/* Of its exact size, so that a sanitizer sees a read past the end. */
		size_t k = n < step ? n : step;
		unsigned char *piece = malloc(k);

		memcpy(piece, u, k);
		assert_true(csv_feed(r, piece, k));
		free(piece);
		u += k;
		n -= k;
	}
	assert_true(csv_finish(r));
	csv_reader_free(&r);
	assert_null(r);
	return sb.p;
}

/* Read whole, and in pieces of 1, 2, 3, 5 bytes. */
static void
reads_n(struct csv_format format, const void *p, size_t n, const char *want)
{
	static const size_t steps[] = {100000, 1, 2, 3, 5};

	for (size_t i = 0; i < COUNT(steps); i++)
		assert_string_equal(read_in_pieces(format, ROW_MAX, p, n, steps[i]), want);
}

static const struct csv_format comma = {CSV_UTF8, ','};

static void
reads(const char *text, const char *want)
{
	reads_n(comma, text, strlen(text), want);
}

static void
rows_and_cells(void **state)
{
	(void)state;
	reads("", "");
	reads("a", "1:a/");
	reads("a,b\nc,d\n", "1:a|b/2:c|d/");
	reads("a,b\nc,d", "1:a|b/2:c|d/");
	reads(",\n", "1:|/");
	reads("a,", "1:a|/");
	reads("\n", "1:/");
	reads("\n\na\n", "1:/2:/3:a/");
	reads(" a , b ", "1: a | b /");
	reads("陳大文,\xf0\xa0\x80\x80\n", "1:陳大文|\xf0\xa0\x80\x80/");
}

static void
newlines_of_all_systems(void **state)
{
	(void)state;
	reads("a\r\nb\r\n", "1:a/2:b/");
	reads("a\rb\r", "1:a/2:b/");
	reads("a\rb", "1:a/2:b/");
	reads("a\r\rb", "1:a/2:/3:b/");
	reads("a\n\rb", "1:a/2:/3:b/");
	reads("a\r\n\r\nb", "1:a/2:/3:b/");
	reads("\"a\"\r\n\"b\"\r\"c\"\n", "1:a/2:b/3:c/");
}

static void
quoted_cells(void **state)
{
	(void)state;
	reads("\"a,b\",\"c\nd\",\"e\r\nf\"\n", "1:a,b|c\nd|e\r\nf/");
	reads("\"a\"\"b\",\"\"\"\",\"\"\n", "1:a\"b|\"|/");
	reads("\"\"", "1:/");
	reads("\"\r\",x\n", "1:\r|x/");
}

static void
quotes_in_odd_places_are_kept(void **state)
{
	(void)state;
	reads("5\" pipe,a\n", "1:5\" pipe|a/");
	reads("a \"b\" c\n", "1:a \"b\" c/");
	reads(" \"a\",b\n", "1: \"a\"|b/");
	reads("\"a\"b,c\n", "1:ab|c/");
	reads("\"a\"b\"c\",d\n", "1:ab\"c\"|d/");
	reads("\"a\" ,b\n", "1:a |b/");
}

static void
an_open_quote_at_the_end_is_an_error(void **state)
{
	(void)state;
	reads("\"", "1!Q:/");
	reads("a\n\"b,c\nd", "1:a/2!Q:b,c\nd/");
	reads("\"a\"\"", "1!Q:a\"/");
	reads("\"a\"", "1:a/");
	/* Also when the text was too long or broken on the way. */
	reads("\"\xff", "1!Q:\xef\xbf\xbd/");
	assert_string_equal(read_in_pieces(comma, 4, "\"abcdef\n", 8, 3), "1!Q:abc/");
}

static void
broken_characters_mark_their_row_only(void **state)
{
	(void)state;
	reads("a,\xff\nb\n", "1!B:a|\xef\xbf\xbd/2:b/");
	reads("\xc3(,x\n", "1!B:\xef\xbf\xbd(|x/");
	reads("\xe9\x99\n\xb3\n", "1!B:\xef\xbf\xbd\xef\xbf\xbd/2!B:\xef\xbf\xbd/");
	reads("\xe9\x99", "1!B:\xef\xbf\xbd\xef\xbf\xbd/");
	reads("\xed\xa0\x80\nb", "1!B:\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd/2:b/");
	reads_n(comma, "a\0b\nc", 5,
		"1!B:a\xef\xbf\xbd"
		"b/2:c/");
	/* A broken lead byte does not swallow the delimiter or the end of the row. */
	reads("\xe9,\xf0\n\xe9\"\n", "1!B:\xef\xbf\xbd|\xef\xbf\xbd/2!B:\xef\xbf\xbd\"/");
}

static void
a_byte_order_mark_is_no_text(void **state)
{
	(void)state;
	reads("\xef\xbb\xbf"
	      "a,b\n",
		"1:a|b/");
	reads("\xef\xbb\xbf\"a\",b\n", "1:a|b/");
	reads("\xef\xbb\xbf", "");
	reads("\xef\xbb", "1!B:\xef\xbf\xbd\xef\xbf\xbd/");
	/* Only at the start, and only one. */
	reads("\xef\xbb\xbf\xef\xbb\xbf"
	      "a\n\xef\xbb\xbf"
	      "b",
		"1:\xef\xbb\xbf"
		"a/2:\xef\xbb\xbf"
		"b/");
}

static void
utf16_both_ways(void **state)
{
	static const unsigned char le[] = {0xff, 0xfe, 'a', 0, ',', 0, 0x73, 0x96, 0x40, 0xd8, 0,
		0xdc, '\r', 0, '\n', 0, '"', 0, '\n', 0, '"', 0};
	static const unsigned char be[] = {
		0xfe, 0xff, 0, 'a', 0, ',', 0x96, 0x73, 0xd8, 0x40, 0xdc, 0, 0, '\n'};
	/* Half pairs, a low one first, NUL, an odd byte at the end. */
	static const unsigned char bad[] = {
		0x40, 0xd8, 'x', 0, '\n', 0, 0, 0xdc, '\n', 0, 0, 0, '\n', 0, 'y'};
	static const unsigned char half[] = {'a', 0, '\n', 0, 0x40, 0xd8};

	(void)state;
	reads_n((struct csv_format){CSV_UTF16LE, ','}, le, sizeof(le),
		"1:a|陳\xf0\xa0\x80\x80/2:\n/");
	reads_n((struct csv_format){CSV_UTF16BE, ','}, be, sizeof(be), "1:a|陳\xf0\xa0\x80\x80/");
	reads_n((struct csv_format){CSV_UTF16LE, ','}, bad, sizeof(bad),
		"1!B:\xef\xbf\xbdx/2!B:\xef\xbf\xbd/3!B:\xef\xbf\xbd/4!B:\xef\xbf\xbd/");
	reads_n((struct csv_format){CSV_UTF16LE, ','}, half, sizeof(half), "1:a/2!B:\xef\xbf\xbd/");
}

static void
big5_with_hong_kong_characters(void **state)
{
	/* 陳大文, 許 (its second byte is a backslash's), 邨 and 啲 of HKSCS, one
	 * that is two code points. */
	static const char text[] =
		"\xb3\xaf\xa4\x6a\xa4\xe5,\xb3\x5c\n\x92\xda,\x9d\x54\n\x88\x62,x\n";
	struct csv_format big5 = {CSV_BIG5, ','};
	const char *got = read_in_pieces(big5, ROW_MAX, text, strlen(text), 1000);

	(void)state;
	assert_non_null(strstr(got, "1:陳大文|許/2:"));
	assert_non_null(strstr(got, "3:\xc3\x8a\xcc\x84|x/"));
	assert_null(strstr(got, "!B"));
	reads_n(big5, text, strlen(text), got);
}

static void
broken_big5_marks_its_row_only(void **state)
{
	struct csv_format big5 = {CSV_BIG5, ','};

	(void)state;
	/* A lead byte before a newline, a delimiter, a quote, the end of the file. */
	reads_n(big5, "\xb3\nb\n", 4, "1!B:\xef\xbf\xbd/2:b/");
	reads_n(big5, "\xb3,b\n", 4, "1!B:\xef\xbf\xbd|b/");
	reads_n(big5, "\"\xb3\",b\n", 6, "1!B:\xef\xbf\xbd|b/");
	reads_n(big5, "a\n\xb3", 3, "1:a/2!B:\xef\xbf\xbd/");
	reads_n(big5, "\xff\xff\n\xb3\xaf", 5, "1!B:\xef\xbf\xbd\xef\xbf\xbd/2:陳/");
	reads_n(big5, "a\0b\nc", 5,
		"1!B:a\xef\xbf\xbd"
		"b/2:c/");
}

static void
other_delimiters(void **state)
{
	(void)state;
	reads_n((struct csv_format){CSV_UTF8, ';'}, "a;b,c\n", 6, "1:a|b,c/");
	reads_n((struct csv_format){CSV_UTF8, '\t'}, "a\t\"b\tc\"\n", 8, "1:a|b\tc/");
}

static void
excels_first_line_is_honoured(void **state)
{
	struct csv_format semicolon = {CSV_UTF8, ';'};

	(void)state;
	reads("sep=;\r\na;b,c\r\n", "1:a|b,c/");
	reads("SEP=\t\na\tb\n", "1:a|b/");
	reads("sep=,\na,b\n", "1:a|b/");
	reads("\xef\xbb\xbfsep=;\na;b\n", "1:a|b/");
	reads("sep=;", "");
	reads_n(semicolon, "sep=;\na;b\n", 10, "1:a|b/");
	/* What only looks like it is a row. */
	reads("sep=;;\n", "1:sep=;;/");
	reads("sep=\n", "1:sep=/");
	reads("sep=x\n", "1:sep=x/");
	reads("sep=,a\n", "1:sep=|a/");
	reads("\"sep=;\"\na;b\n", "1:sep=;/2:a;b/");
	reads("a\nsep=;\n", "1:a/2:sep=;/");
	reads("sep=;\nsep=,\n", "1:sep=,/");
}

static void
long_rows_are_reported_not_kept(void **state)
{
	struct sb sb;

	(void)state;
	assert_string_equal(read_in_pieces(comma, 5, "ab,cd\nx\n", 8, 1), "1:ab|cd/2:x/");
	assert_string_equal(read_in_pieces(comma, 5, "ab,cde\nx\n", 9, 1), "1!L:ab|cd/2:x/");
	assert_string_equal(
		read_in_pieces(comma, 5, "ab,cd,\"e\nf\",g\nx\n", 16, 1), "1!L:ab|cd/2:x/");
	assert_string_equal(read_in_pieces(comma, 5, "\"abcdefgh\n\"\nx", 13, 1), "1!L:abcd/2:x/");
	assert_string_equal(read_in_pieces(comma, 5, "abcdefgh", 8, 1), "1!L:abcde/");
	/* Not cut inside a character. */
	assert_string_equal(read_in_pieces(comma, 5, "陳大\nx", 8, 1), "1!L:陳/2:x/");
	assert_string_equal(read_in_pieces(comma, 6, "陳大\nx", 8, 1), "1:陳大/2:x/");
	assert_string_equal(read_in_pieces(comma, 5, "\xff\xff\nx", 4, 1), "1!L:\xef\xbf\xbd/2:x/");
	/* More cells than any spreadsheet has columns. */
	sb_init(&sb, a, 100000);
	for (int i = 0; i < 16384; i++)
		sb_putc(&sb, ',');
	sb_puts(&sb, "\nx\n");
	assert_non_null(strstr(read_in_pieces(comma, 65536, sb.p, sb.n, 999), "/2:x/"));
	assert_int_equal(strncmp(read_in_pieces(comma, 65536, sb.p, sb.n, 999), "1!L:", 4), 0);
	assert_int_equal(
		strncmp(read_in_pieces(comma, 65536, sb.p + 1, sb.n - 1, 999), "1:", 2), 0);
}

static bool
stop_at_two(void *ctx, const struct csv_row *row)
{
	++*(int *)ctx;
	return row->number < 2;
}

static void
the_receiver_can_stop(void **state)
{
	int calls = 0;
	struct csv_reader *r = csv_reader_new(comma, ROW_MAX, stop_at_two, &calls);

	(void)state;
	assert_true(csv_feed(r, (const unsigned char *)"a\n", 2));
	assert_false(csv_feed(r, (const unsigned char *)"b\nc\nd\n", 6));
	assert_false(csv_feed(r, (const unsigned char *)"e\n", 2));
	assert_false(csv_finish(r));
	assert_int_equal(calls, 2);
	csv_reader_free(&r);
	csv_reader_free(&r);
}

static const char *
put(const char *text)
{
	struct sb sb;

	sb_init(&sb, a, 10000);
	csv_put_cell(&sb, text);
	return sb.p;
}

static void
formulas_are_guarded(void **state)
{
	static const char *const formulas[] = {"=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x",
		"'=1", "''＝1", "'''@x", "=", "-"};
	static const char *const harmless[] = {"", "a=1", "'", "''", "'a", "1-1", "a@b", "「=」"};

	(void)state;
	for (size_t i = 0; i < COUNT(formulas); i++)
		assert_string_equal(put(formulas[i]), arena_printf(a, "'%s", formulas[i]));
	for (size_t i = 0; i < COUNT(harmless); i++)
		assert_string_equal(put(harmless[i]), harmless[i]);
	assert_string_equal(put("\t=1"), "\"'\t=1\"");
	assert_string_equal(put("\r=1"), "\"'\r=1\"");
	assert_string_equal(put("=a\",b"), "\"'=a\"\",b\"");
	reads("'=1,''=1,'a,'',\"'+1\"\n", "1:=1|'=1|'a|''|+1/");
}

static void
cells_are_quoted_when_needed(void **state)
{
	(void)state;
	assert_string_equal(put("a,b"), "\"a,b\"");
	assert_string_equal(put("a;b"), "\"a;b\"");
	assert_string_equal(put("a\"b"), "\"a\"\"b\"");
	assert_string_equal(put("a\nb"), "\"a\nb\"");
	assert_string_equal(put(" a"), "\" a\"");
	assert_string_equal(put("Sep=;"), "\"Sep=;\"");
	assert_string_equal(put("陳大文"), "陳大文");
}

struct expected {
	const char *const *cells;
	size_t count;
	int rows;
};

static bool
compare_row(void *ctx, const struct csv_row *row)
{
	struct expected *e = ctx;

	assert_int_equal(row->error, CSV_ROW_OK);
	assert_int_equal(row->count, e->count);
	for (size_t i = 0; i < row->count; i++)
		assert_string_equal(row->cells[i], e->cells[i]);
	e->rows++;
	return true;
}

/* Cells put together from what is dangerous somewhere. */
static const char *
nasty_cell(unsigned *seed)
{
	static const char *const bits[] = {"a", "\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n",
		"'", "=", "+", "-", "@", "＝", "＠", " ", "陳", "\xf0\xa0\x80\x80", "\xef\xbb\xbf",
		"sep=", "0", "\\", "\x01", "\xef\xbf\xbd"};
	struct sb sb;

	sb_init(&sb, a, 1000);
	for (unsigned n = (unsigned)rand_r(seed) % 6; n > 0; n--)
		sb_puts(&sb, bits[(unsigned)rand_r(seed) % COUNT(bits)]);
	return sb.p;
}

static void
what_is_written_reads_back_unchanged(void **state)
{
	unsigned seed = 20260105;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct arena_mark mark = arena_mark(a);
		const char *cells[5];
		struct expected e = {cells, 1 + (unsigned)rand_r(&seed) % 5, 0};
		struct csv_reader *r;
		struct sb sb;

		for (size_t i = 0; i < e.count; i++)
			cells[i] = nasty_cell(&seed);
		sb_init(&sb, a, 10000);
		csv_put_row(&sb, cells, e.count);
		csv_put_row(&sb, cells, e.count);
		r = csv_reader_new(comma, ROW_MAX, compare_row, &e);
		assert_true(csv_feed(r, (unsigned char *)sb.p, sb.n));
		assert_true(csv_finish(r));
		csv_reader_free(&r);
		assert_int_equal(e.rows, 2);
		arena_release(a, mark);
	}
}

/* Random bytes of structure and rubbish, in every encoding. */
static void
pieces_never_change_what_is_read(void **state)
{
	static const unsigned char bits[] = {'a', ',', '"', '"', '\n', '\r', '\'', '=', 0, 0xff,
		0xfe, 0xef, 0xbb, 0xbf, 0xe9, 0x99, 0xb3, 0xaf, 0x88, 0x62, 0xd8, 0x40, 0xdc, 0xf0,
		0xa0, 0x80};
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct csv_format format = {(enum csv_encoding)(round % CSV_ENCODING_MAX), ','};
		struct arena_mark mark = arena_mark(a);
		size_t n = (size_t)rand_r(&seed) % 60;
		unsigned char text[60];
		const char *whole;

		for (size_t i = 0; i < n; i++)
			text[i] = bits[(unsigned)rand_r(&seed) % sizeof(bits)];
		whole = read_in_pieces(format, 20, text, n, 60);
		for (size_t step = 1; step < 5; step++)
			assert_string_equal(read_in_pieces(format, 20, text, n, step), whole);
		arena_release(a, mark);
	}
}

static bool
count_row(void *ctx, const struct csv_row *row)
{
	assert_int_equal(row->error, CSV_ROW_OK);
	++*(long *)ctx;
	return true;
}

static long
resident_kib(void)
{
	long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld", &size, &resident), 2);
	fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
memory_does_not_grow_with_the_file(void **state)
{
	static const char row[] =
		"陳大文,\"Chan, Tai Man\",+852 9123 4567,\"two\nlines\",a@example.com\r\n";
	struct csv_reader *r;
	long rows = 0, before;

	(void)state;
	r = csv_reader_new(comma, 65536, count_row, &rows);
	csv_feed(r, (const unsigned char *)row, strlen(row));
	before = resident_kib();
	for (int i = 1; i < 100000; i++)
		csv_feed(r, (const unsigned char *)row, strlen(row));
	assert_true(csv_finish(r));
	assert_int_equal(rows, 100000);
	assert_true(resident_kib() - before < 256);
	csv_reader_free(&r);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(rows_and_cells),
		T(newlines_of_all_systems),
		T(quoted_cells),
		T(quotes_in_odd_places_are_kept),
		T(an_open_quote_at_the_end_is_an_error),
		T(broken_characters_mark_their_row_only),
		T(a_byte_order_mark_is_no_text),
		T(utf16_both_ways),
		T(big5_with_hong_kong_characters),
		T(broken_big5_marks_its_row_only),
		T(other_delimiters),
		T(excels_first_line_is_honoured),
		T(long_rows_are_reported_not_kept),
		T(the_receiver_can_stop),
		T(formulas_are_guarded),
		T(cells_are_quoted_when_needed),
		T(what_is_written_reads_back_unchanged),
		T(pieces_never_change_what_is_read),
		T(memory_does_not_grow_with_the_file),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
