/* SPDX-License-Identifier: ISC */
/*
 * CSV, in and out.
 *
 * Reading is a push parser in constant memory: feed bytes of any encoding,
 * get rows of UTF-8 cells. Encodings: UTF-8 with or without BOM, UTF-16 LE/BE
 * with BOM, Big5 (HKSCS) as what is left when the text is not UTF-8.
 * Delimiter ',' ';' or tab. Rows end with LF, CRLF or CR. Quoted cells may hold
 * newlines and doubled quotes; a quote inside a cell that does not begin with
 * one is itself. A first line "sep=;" (Excel's) sets the delimiter and is no row.
 * Bytes that are no character become U+FFFD, so does NUL.
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
	CSV_IS_XLSX,   /* a ZIP or an OLE file: "save as CSV" */
	CSV_IS_BINARY, /* anything else that is not text */
};

struct csv_format {
	enum csv_encoding encoding;
	char delimiter;
};

/* Looks at the first bytes of a file (up to 64 KiB suffices). UTF-8 with a few
 * broken characters is still UTF-8. An empty file is UTF-8 with commas. */
enum csv_sniff csv_detect(const unsigned char *p, size_t n, struct csv_format *format_r);

enum csv_row_error {
	CSV_ROW_OK,
	CSV_ROW_TOO_LONG,   /* more than row_max bytes or 16384 cells */
	CSV_ROW_BAD_TEXT,   /* holds something that is no character */
	CSV_ROW_OPEN_QUOTE, /* the file ends inside quotes: what follows the opening one
			     * may have been rows of their own */
};

struct csv_row {
	int64_t number;           /* 1 = the first row of the file, header included */
	enum csv_row_error error; /* not OK: cells hold what could be read */
	size_t count;             /* at least 1: an empty line is one empty cell */
	const char **cells;       /* NUL-terminated valid UTF-8, formula guard removed */
};

/* Called for every row; the row lives until the call returns. False stops. */
typedef bool csv_row_fn(void *ctx, const struct csv_row *row);

struct csv_reader;

/* row_max: most bytes of UTF-8 a row may have (of longer ones the beginning is
 * reported). Memory is taken here and never more later: row_max, and 128 KiB. */
struct csv_reader *
csv_reader_new(struct csv_format format, size_t row_max, csv_row_fn *fn, void *ctx);
/* False once fn has returned false. */
bool csv_feed(struct csv_reader *r, const unsigned char *p, size_t n);
/* End of file: delivers an unfinished last row. */
bool csv_finish(struct csv_reader *r);
/* Frees and sets to NULL. */
void csv_reader_free(struct csv_reader **r);

/* Appends one cell, quoted and guarded as needed; then the caller adds ',' or CRLF. */
void csv_put_cell(struct sb *sb, const char *text);
/* A whole row with its CRLF; NULL cells are empty. */
void csv_put_row(struct sb *sb, const char *const *cells, size_t n);

#endif
