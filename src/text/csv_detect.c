/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "csv_decode.h"
#include "utf8.h"

#define SAMPLE_MAX ((size_t)64 * 1024)
#define ROWS_MAX 50
static const char delimiters[] = {',', ';', '\t'};
#define DELIMITERS (sizeof(delimiters))

static bool
begins(const unsigned char *p, size_t n, const char *magic, size_t k)
{
	return n >= k && memcmp(p, magic, k) == 0;
}

/*
 * UTF-8 when it is valid; also with a few broken characters in it, which are
 * then errors of their rows: text in Big5 hardly ever looks like UTF-8 by chance,
 * a tenth of its characters at most.
 */
static bool
is_utf8(const unsigned char *p, size_t n)
{
	struct csv_decoder d;
	size_t bad = 0, wide = 0, k;
	char out[4096];

	csv_decoder_init(&d, CSV_UTF8);
	/* Not the last bytes: a character may be cut at the end of the sample. */
	while ((k = csv_decode(&d, &p, &n, false, out, sizeof(out))) > 0)
		for (size_t i = 0; i < k; i++) {
			bad += out[i] == CSV_BAD;
			wide += ((unsigned char)out[i] & 0xc0) == 0xc0 && out[i] != CSV_BAD;
		}
	return bad == 0 || wide >= 10 * bad;
}

/* How often each delimiter stands in the rows, quoted text left out. */
struct tally {
	size_t first[DELIMITERS]; /* in the first row */
	size_t now[DELIMITERS];   /* in this row */
	size_t same[DELIMITERS];  /* rows with as many as the first, none not counting */
	size_t rows;
	bool quoted;
	bool at_start; /* of a cell, by any delimiter */
	bool blank;
	size_t chars;
	size_t binary; /* control characters that text has no use for */
};

static void
tally_row(struct tally *t)
{
	if (!t->blank && t->rows < ROWS_MAX) {
		for (size_t i = 0; i < DELIMITERS; i++) {
			if (t->rows == 0)
				t->first[i] = t->now[i];
			t->same[i] += t->now[i] > 0 && t->now[i] == t->first[i];
		}
		t->rows++;
	}
	memset(t->now, 0, sizeof(t->now));
	t->at_start = t->blank = true;
}

static void
tally_char(struct tally *t, char c)
{
	const char *d = memchr(delimiters, c, DELIMITERS);

	t->chars++;
	if ((unsigned char)c < 0x20 && strchr("\t\r\n\f\x1a", c) == NULL)
		t->binary++;
	if (c == '"' && (t->quoted || t->at_start)) {
		t->quoted = !t->quoted;
		t->at_start = t->blank = false;
	} else if (t->quoted) {
		return;
	} else if (c == '\n' || c == '\r') {
		tally_row(t);
	} else {
		if (d != NULL)
			t->now[d - delimiters]++;
		t->at_start = d != NULL;
		t->blank = false;
	}
}

/* The one most rows agree on; among equals the one that cuts the first row into
 * most cells; a comma when there is none at all. */
static char
best_delimiter(const struct tally *t)
{
	size_t best = 0;

	for (size_t i = 1; i < DELIMITERS; i++)
		if (t->same[i] > t->same[best] ||
			(t->same[i] == t->same[best] && t->first[i] > t->first[best]))
			best = i;
	return delimiters[best];
}

/* Counts over the sample; *stated_r is what a first line "sep=;" says, or 0. */
static void
tally_sample(const unsigned char *p, size_t n, enum csv_encoding encoding, struct tally *t,
	char *stated_r)
{
	struct csv_decoder d;
	char out[4096];
	bool first = true;
	size_t k;

	*t = (struct tally){.at_start = true, .blank = true};
	*stated_r = 0;
	csv_decoder_init(&d, encoding);
	while ((k = csv_decode(&d, &p, &n, false, out, sizeof(out))) > 0) {
		if (first && k >= 6 && strncasecmp(out, "sep=", 4) == 0 &&
			memchr(delimiters, out[4], DELIMITERS) != NULL &&
			(out[5] == '\r' || out[5] == '\n'))
			*stated_r = out[4];
		first = false;
		for (size_t i = 0; i < k; i++)
			tally_char(t, out[i]);
	}
	tally_row(t);
	csv_decoder_close(&d);
}

static bool
is_binary(const unsigned char *p, size_t n)
{
	/* UTF-32 looks like UTF-16 at first; the others begin with plain text. */
	return begins(p, n, "\xff\xfe\0\0", 4) || begins(p, n, "%PDF-", 5) ||
	       begins(p, n, "{\\rtf", 5);
}

enum csv_sniff
csv_detect(const unsigned char *p, size_t n, struct csv_format *format_r)
{
	struct tally t;
	char stated;

	if (n > SAMPLE_MAX)
		n = SAMPLE_MAX;
	if (begins(p, n, "PK\3\4", 4) || begins(p, n, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
		return CSV_IS_XLSX;
	if (is_binary(p, n))
		return CSV_IS_BINARY;
	if (begins(p, n, "\xff\xfe", 2))
		format_r->encoding = CSV_UTF16LE;
	else if (begins(p, n, "\xfe\xff", 2))
		format_r->encoding = CSV_UTF16BE;
	else if (memchr(p, '\0', n) != NULL)
		return CSV_IS_BINARY;
	else
		format_r->encoding = is_utf8(p, n) ? CSV_UTF8 : CSV_BIG5;
	tally_sample(p, n, format_r->encoding, &t, &stated);
	/* A stray one comes out of word processors. */
	if (t.binary * 100 > t.chars)
		return CSV_IS_BINARY;
	format_r->delimiter = stated != 0 ? stated : best_delimiter(&t);
	return CSV_OK;
}
