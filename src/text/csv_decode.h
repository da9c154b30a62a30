/* SPDX-License-Identifier: ISC */
/*
 * Bytes of a CSV file to UTF-8, piece by piece. Of text/ only.
 *
 * What comes out is valid UTF-8 without NUL, except that one byte CSV_BAD
 * (which UTF-8 never has) stands for each thing that could not be read. A byte
 * order mark at the start is taken away. Where the pieces end does not matter.
 */
#ifndef PRAYA_CSV_DECODE_H
#define PRAYA_CSV_DECODE_H

#include <iconv.h>

#include "csv.h"

#define CSV_BAD '\xff'

struct csv_decoder {
	enum csv_encoding encoding;
	iconv_t big5;
	unsigned char carry[4]; /* the beginning of a character */
	size_t carried;
	bool begun; /* the first character is out */
};

void csv_decoder_init(struct csv_decoder *d, enum csv_encoding encoding);
void csv_decoder_close(struct csv_decoder *d);
/* Reads from *p_r (moves it and *n_r), writes at most size (16 or more) bytes and
 * returns how many. last: nothing follows these bytes. Returns 0 when it has
 * read everything, what it has to carry over included. */
size_t csv_decode(struct csv_decoder *d, const unsigned char **p_r, size_t *n_r, bool last,
	char *out, size_t size);

#endif
