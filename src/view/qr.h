/* SPDX-License-Identifier: ISC */
/* QR codes for pages: a square of modules as one path of SVG. By libqrencode. */
#ifndef PRAYA_QR_H
#define PRAYA_QR_H

#include "arena.h"

struct qr {
	int size;         /* of the picture, in modules, with the quiet zone */
	const char *path; /* its dark modules: the "d" of a path */
};

/* False: the text is too long for one. */
bool qr_make(struct arena *a, const char *text, struct qr *qr_r);

#endif
