/* SPDX-License-Identifier: ISC */
/*
 * Letters, certificates and other papers as PDF: A4, English and Chinese, a letterhead
 * on the first page, numbers on all of them. The only user of pango and cairo.
 *
 * Not among ROOMS (praya-web makes no PDF): a job asks for one, and its source stands in
 * local.mk of this folder.
 */
#ifndef PRAYA_PDF_H
#define PRAYA_PDF_H

#include "err.h"

enum pdf_kind {
	PDF_TEXT,    /* a paragraph; line ends stay */
	PDF_HEADING, /* a paragraph in bold, never alone at the foot of a page */
	PDF_PAIR,    /* text: a label; more: what stands beside it */
};

struct pdf_block {
	enum pdf_kind kind;
	const char *text;
	const char *more;
};

/* Texts are valid UTF-8; nothing in them is markup. */
struct pdf_doc {
	const char *lang;  /* "en", "zh-Hant" */
	const char *title; /* in the file's properties only */
	const char *head;  /* letterhead: the name, NULL: none; */
	const char *small; /* and what stands below it in small letters, NULL: nothing */
	const char *page;  /* "Page %s"; it is filled with "1 / 2" */
	const struct pdf_block *blocks;
	size_t n;
};

#define PDF_PAGES_MAX 500

/* ERR_INVALID when it has more than PDF_PAGES_MAX pages. */
struct err *pdf_make(struct arena *a, const struct pdf_doc *d, struct bytes *pdf_r,
	int *pages_r) ATTR_WARN_UNUSED;

#endif
