/* SPDX-License-Identifier: ISC */
/*
 * CSV: the first byte says encoding, delimiter and size of the pieces, the rest
 * is the file. Pieces do not change what is read; what was read can be written
 * and read again; detection stays within its sample.
 */
#include "fuzz.h"

#include <string.h>

#include "csv.h"
#include "utf8.h"

#define ROW_MAX 300

struct seen {
	struct sb log;   /* all that was said */
	struct sb again; /* good rows, written by us */
	int64_t rows;
};

static bool
on_row(void *ctx, const struct csv_row *row)
{
	struct seen *s = ctx;

	CHECK(row->number == ++s->rows);
	CHECK(row->count >= 1);
	sb_printf(&s->log, "%d:", (int)row->error);
	for (size_t i = 0; i < row->count; i++) {
		CHECK(utf8_valid(row->cells[i], strlen(row->cells[i])));
		sb_printf(&s->log, "%s|", row->cells[i]);
	}
	csv_put_row(&s->again, row->cells, row->count);
	return true;
}

static struct seen *
read_in(struct arena *a, struct csv_format format, const uint8_t *p, size_t n, size_t step,
	size_t row_max)
{
	struct seen *s = ARENA_NEW(a, struct seen);
	struct csv_reader *r = csv_reader_new(format, row_max, on_row, s);

	sb_init(&s->log, a, (size_t)16 << 20);
	sb_init(&s->again, a, (size_t)16 << 20);
	while (n > 0) {
		size_t k = n < step ? n : step;

		CHECK(csv_feed(r, p, k));
		p += k;
		n -= k;
	}
	CHECK(csv_finish(r));
	csv_reader_free(&r);
	return s;
}

/* Cells as they were read, whatever became of errors and row numbers. */
static void
write_and_read(struct arena *a, const struct seen *first)
{
	struct csv_format format = {CSV_UTF8, ','};
	struct seen *s = read_in(a, format, (const uint8_t *)first->again.p, first->again.n, 4096,
		first->again.n + 1);

	CHECK(s->rows == first->rows);
	CHECK(strcmp(s->again.p, first->again.p) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct csv_format format;
	struct seen *whole, *pieces;

	if (size == 0)
		return 0;
	if (csv_detect(data + 1, size - 1, &format) == CSV_OK)
		CHECK(format.encoding < CSV_ENCODING_MAX &&
			strchr(",;\t", format.delimiter) != NULL);
	format.encoding = (enum csv_encoding)(data[0] & 3);
	format.delimiter = ",;\t,"[data[0] >> 2 & 3];
	whole = read_in(a, format, data + 1, size - 1, size, ROW_MAX);
	pieces = read_in(a, format, data + 1, size - 1, (size_t)(data[0] >> 4) + 1, ROW_MAX);
	CHECK(strcmp(whole->log.p, pieces->log.p) == 0);
	write_and_read(a, whole);
	return 0;
}
