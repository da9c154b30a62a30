/* SPDX-License-Identifier: ISC */
#include "qr.h"

#include <qrencode.h>

#include "sb.h"

#define QUIET 4
#define PATH_MAX_BYTES ((size_t)256 * 1024)
#define DARK 1

/* Runs of dark modules, row by row. */
static void
add_row(struct sb *sb, const unsigned char *row, int width, int y)
{
	for (int x = 0; x < width; x++) {
		int start = x;

		while (x < width && (row[x] & DARK) != 0)
			x++;
		if (x > start)
			sb_printf(sb, "M%d %dh%dv1h-%dz", start + QUIET, y + QUIET, x - start,
				x - start);
	}
}

bool
qr_make(struct arena *a, const char *text, struct qr *qr_r)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	struct sb sb;

	if (code == NULL)
		return false;
	sb_init(&sb, a, PATH_MAX_BYTES);
	for (int y = 0; y < code->width; y++)
		add_row(&sb, code->data + (ptrdiff_t)y * code->width, code->width, y);
	qr_r->size = code->width + 2 * QUIET;
	qr_r->path = sb.p;
	QRcode_free(code);
	return sb_ok(&sb);
}
