/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "csv_decode.h"
#include "csv_guard.h"
#include "log.h"
#include "utf8.h"

/* A spreadsheet has no more columns. */
#define CELLS_MAX ((size_t)16384)
#define BAD_SHOWN "\xef\xbf\xbd"

enum state {
	CELL,   /* at the start of a cell */
	PLAIN,  /* in a cell that is not quoted, or behind its quotes */
	QUOTED, /* between quotes */
	QUOTE,  /* behind a quote that ends the cell or is the first of two */
};

struct csv_reader {
	struct arena *a;
	struct csv_decoder decoder;
	char delimiter;
	size_t row_max;
	csv_row_fn *fn;
	void *ctx;
	bool stopped; /* fn has said so */

	enum state state;
	bool after_cr; /* a newline now belongs to the CR before it */
	int64_t number;
	bool past_first; /* line of the file, which may say the delimiter */

	/* The row being read. */
	char *buf; /* cells, each with its NUL */
	size_t n;
	size_t start; /* of the cell being read */
	size_t bytes; /* of the row, quotes and delimiters included */
	const char **cells;
	size_t cells_max;
	size_t count;
	bool begun;
	bool quotes;
	bool bad;
	bool too_long;
};

struct csv_reader *
csv_reader_new(struct csv_format format, size_t row_max, csv_row_fn *fn, void *ctx)
{
	size_t cells = row_max + 1 < CELLS_MAX ? row_max + 1 : CELLS_MAX;
	struct arena *a = arena_new(row_max + cells * sizeof(char *) + 4096);
	struct csv_reader *r = ARENA_NEW(a, struct csv_reader);

	r->a = a;
	r->delimiter = format.delimiter;
	r->row_max = row_max;
	r->fn = fn;
	r->ctx = ctx;
	r->buf = arena_alloc(a, row_max + 2);
	r->cells = ARENA_ARRAY(a, cells, const char *);
	r->cells_max = cells;
	csv_decoder_init(&r->decoder, format.encoding);
	return r;
}

void
csv_reader_free(struct csv_reader **rp)
{
	struct csv_reader *r = *rp;
	struct arena *a;

	if (r == NULL)
		return;
	csv_decoder_close(&r->decoder);
	a = r->a;
	arena_free(&a);
	*rp = NULL;
}

/* Counts what belongs to the row; false when there is no more room for it. */
static bool
count_bytes(struct csv_reader *r, size_t n)
{
	r->begun = true;
	if (r->too_long || n > r->row_max - r->bytes) {
		r->too_long = true;
		return false;
	}
	r->bytes += n;
	return true;
}

static void
append(struct csv_reader *r, char c)
{
	size_t n = c == CSV_BAD ? strlen(BAD_SHOWN) : 1;

	r->bad = r->bad || c == CSV_BAD;
	if (!count_bytes(r, n))
		return;
	memcpy(r->buf + r->n, c == CSV_BAD ? BAD_SHOWN : &c, n);
	r->n += n;
}

static void
end_cell(struct csv_reader *r)
{
	if (r->count == r->cells_max) {
		r->too_long = true;
		return;
	}
	r->buf[r->n++] = '\0';
	r->cells[r->count++] = csv_unguard(r->buf + r->start);
	r->start = r->n;
}

/* A cell that was cut in the middle of a character ends before it. */
static void
cut_cell(struct csv_reader *r)
{
	size_t n = r->n - r->start;

	for (size_t k = 0; k < 4 && n > 0 && !utf8_valid(r->buf + r->start, n); k++)
		n--;
	r->n = r->start + n;
}

/* Excel's first line "sep=;": how the file is written, not a row of it. */
static bool
is_separator_line(struct csv_reader *r)
{
	const char *cell = r->cells[0];

	if (r->past_first || r->quotes || strncasecmp(cell, "sep=", 4) != 0)
		return false;
	if (r->count == 2)
		return cell[4] == '\0' && r->cells[1][0] == '\0';
	if (r->count != 1 || cell[4] == '\0' || cell[5] != '\0' || strchr(",;\t", cell[4]) == NULL)
		return false;
	r->delimiter = cell[4];
	return true;
}

static void
end_row(struct csv_reader *r, bool open_quote)
{
	struct csv_row row;

	if (r->too_long)
		cut_cell(r);
	end_cell(r);
	if (r->too_long || !is_separator_line(r)) {
		row.number = ++r->number;
		row.error = open_quote    ? CSV_ROW_OPEN_QUOTE
			    : r->too_long ? CSV_ROW_TOO_LONG
			    : r->bad      ? CSV_ROW_BAD_TEXT
					  : CSV_ROW_OK;
		row.count = r->count;
		row.cells = r->cells;
		r->stopped = !r->fn(r->ctx, &row);
	}
	r->past_first = true;
	r->n = r->start = r->bytes = r->count = 0;
	r->begun = r->quotes = r->bad = r->too_long = false;
	r->state = CELL;
}

/* Outside quotes: true when c ends the cell or the row. */
static bool
is_end(struct csv_reader *r, char c)
{
	if (c == r->delimiter) {
		if (count_bytes(r, 1))
			end_cell(r);
		r->state = CELL;
		return true;
	}
	if (c != '\n' && c != '\r')
		return false;
	r->after_cr = c == '\r';
	end_row(r, false);
	return true;
}

static void
take(struct csv_reader *r, char c)
{
	bool after_cr = r->after_cr;

	r->after_cr = false;
	if (c == '\n' && after_cr)
		return;
	switch (r->state) {
	case CELL:
		if (c == '"') {
			r->quotes = true;
			r->state = QUOTED;
			count_bytes(r, 1);
			return;
		}
		__attribute__((fallthrough));
	case PLAIN:
		if (!is_end(r, c)) {
			r->state = PLAIN;
			append(r, c);
		}
		return;
	case QUOTED:
		if (c != '"') {
			append(r, c);
			return;
		}
		r->state = QUOTE;
		count_bytes(r, 1);
		return;
	case QUOTE:
		if (c == '"') {
			r->state = QUOTED;
			append(r, c);
		} else if (!is_end(r, c)) {
			/* Text behind the closing quote: kept, as spreadsheets do. */
			r->state = PLAIN;
			append(r, c);
		}
	}
}

/* Ordinary bytes at p, taken at once; returns how many. */
static size_t
take_run(struct csv_reader *r, const char *p, size_t n)
{
	size_t k = 0;

	if (r->state == QUOTED)
		while (k < n && p[k] != '"' && p[k] != CSV_BAD)
			k++;
	else if (r->state == PLAIN)
		while (k < n && p[k] != r->delimiter && p[k] != '\n' && p[k] != '\r' &&
			p[k] != CSV_BAD)
			k++;
	/* At the limit byte by byte, so that the row ends where it must. */
	if (r->too_long || k > r->row_max - r->bytes)
		return 0;
	memcpy(r->buf + r->n, p, k);
	r->n += k;
	r->bytes += k;
	return k;
}

static bool
feed(struct csv_reader *r, const unsigned char *p, size_t n, bool last)
{
	char text[4096];
	size_t k;

	while (!r->stopped && (k = csv_decode(&r->decoder, &p, &n, last, text, sizeof(text))) > 0)
		for (size_t i = 0; i < k && !r->stopped;) {
			i += take_run(r, text + i, k - i);
			if (i < k)
				take(r, text[i++]);
		}
	return !r->stopped;
}

bool
csv_feed(struct csv_reader *r, const unsigned char *p, size_t n)
{
	return feed(r, p, n, false);
}

bool
csv_finish(struct csv_reader *r)
{
	if (feed(r, (const unsigned char *)"", 0, true) && r->begun)
		end_row(r, r->state == QUOTED);
	return !r->stopped;
}
