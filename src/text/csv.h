/* SPDX-License-Identifier: ISC */
/*
 * CSV, in and out.
 *
 * Reading is a push parser in constant memory: feed bytes of any encoding,
 * get rows of UTF-8 cells. Encodings: UTF-8 with or without BOM, UTF-16 LE/BE
 * with BOM, Big5 (HKSCS) as what is left when the text is not valid UTF-8.
 * Delimiter ',' ';' or tab. Quoted cells may hold newlines and doubled quotes.
 *
 * Writing makes cells safe to open in a spreadsheet: a cell that would be a
 * formula (after any run of apostrophes starts with = + - @ tab CR or their
 * full-width forms) gets one apostrophe in front; reading takes that one away
 * again, so what we wrote reads back unchanged.
 */
#ifndef PRAYA_CSV_H
#define PRAYA_CSV_H

#include <stdint.h>

#include "arena.h"
#include "sb.h"

enum csv_encoding { CSV_UTF8, CSV_UTF16LE, CSV_UTF16BE, CSV_BIG5, CSV_ENCODING_MAX };

enum csv_sniff {
	CSV_OK,
	CSV_IS_XLSX,	/* a ZIP or an OLE file: "save as CSV" */
	CSV_IS_BINARY,	/* anything else that is not text */
};

struct csv_format {
	enum csv_encoding encoding;
	char delimiter;
};

/* Looks at the first bytes of a file (up to 64 KiB suffices). */
enum csv_sniff csv_detect(const unsigned char *p, size_t n, struct csv_format *format_r);

enum csv_row_error { CSV_ROW_OK, CSV_ROW_TOO_LONG, CSV_ROW_BAD_TEXT };

struct csv_row {
	int64_t number;		 /* 1 = the first row of the file, header included */
	enum csv_row_error error; /* not OK: cells hold what could be read */
	size_t count;
	const char **cells;	 /* NUL-terminated UTF-8, formula guard removed */
};

/* Called for every row; the row lives until the call returns. False stops. */
typedef bool csv_row_fn(void *ctx, const struct csv_row *row);

struct csv_reader;

/* row_max: most bytes a row may have (longer ones are reported, not kept). */
struct csv_reader *csv_reader_new(struct csv_format format, size_t row_max, csv_row_fn *fn, void *ctx);
/* False once fn has returned false. */
bool csv_feed(struct csv_reader *r, const unsigned char *p, size_t n);
/* End of file: delivers an unfinished last row. */
bool csv_finish(struct csv_reader *r);
/* Frees and sets to NULL. */
void csv_reader_free(struct csv_reader **r);

/* Appends one cell, quoted and guarded as needed; then the caller adds ',' or CRLF. */
void csv_put_cell(struct sb *sb, const char *text);
void csv_put_row(struct sb *sb, const char *const *cells, size_t n);

#endif
