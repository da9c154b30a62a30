/* SPDX-License-Identifier: ISC */
#include "pdf.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "sb.h"

/* Points: 72 are an inch. */
#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define LEFT 70.0
#define TOP 64.0
#define BOTTOM 66.0
#define WIDTH (PAGE_WIDTH - 2 * LEFT)
#define LABEL 130.0 /* of a pair */
#define GAP 9.0     /* between paragraphs */
#define TEXT_SIZE 10.5
#define HEAD_SIZE 15.0
#define SMALL_SIZE 8.5
#define LINE_SPACING 1.25F
#define PDF_MAX ((size_t)32 << 20)
#define PIECE ((size_t)4096) /* bytes */
#define FAMILY "Noto Sans CJK HK, Noto Sans CJK TC, sans-serif"

struct paper {
	struct arena *a;
	const struct pdf_doc *doc;
	cairo_t *cr;
	PangoContext *context;
	double y;
	int page;
	int pages; /* 0: they are being counted, nothing is drawn */
};

static cairo_status_t
keep(void *ctx, const unsigned char *p, unsigned int n)
{
	struct sb *sb = ctx;

	sb_add(sb, p, n);
	return sb_ok(sb) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static PangoLayout *
layout_of(const struct paper *p, const char *text, double size, double width, bool bold)
{
	PangoLayout *l = pango_layout_new(p->context);
	PangoFontDescription *font = pango_font_description_from_string(FAMILY);

	pango_font_description_set_size(font, (int)(size * PANGO_SCALE));
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_width(l, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_line_spacing(l, LINE_SPACING);
	pango_layout_set_text(l, text, -1);
	return l;
}

static void
draw_line(struct paper *p, PangoLayoutLine *line, double x, double y)
{
	if (p->pages == 0)
		return;
	cairo_move_to(p->cr, x, y);
	pango_cairo_show_layout_line(p->cr, line);
}

static void
draw_foot(struct paper *p)
{
	const char *number = arena_printf(p->a, "%d / %d", p->page, p->pages);
	const char *at = strstr(p->doc->page, "%s"), *text = number;
	PangoLayout *l;

	if (p->pages == 0)
		return;
	if (at != NULL)
		text = arena_printf(
			p->a, "%.*s%s%s", (int)(at - p->doc->page), p->doc->page, number, at + 2);
	l = layout_of(p, text, SMALL_SIZE, WIDTH, false);
	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	cairo_move_to(p->cr, LEFT, PAGE_HEIGHT - BOTTOM + 22);
	pango_cairo_show_layout(p->cr, l);
	g_object_unref(l);
}

static void
next_page(struct paper *p)
{
	draw_foot(p);
	if (p->pages != 0)
		cairo_show_page(p->cr);
	p->page++;
	p->y = TOP;
}

static void
flow_line(struct paper *p, PangoLayoutIter *i, double x)
{
	int baseline, top, bottom;
	double height;

	pango_layout_iter_get_line_yrange(i, &top, &bottom);
	baseline = pango_layout_iter_get_baseline(i) - top;
	height = (double)(bottom - top) / PANGO_SCALE;
	if (p->y + height > PAGE_HEIGHT - BOTTOM)
		next_page(p);
	draw_line(p, pango_layout_iter_get_line_readonly(i), x,
		p->y + (double)baseline / PANGO_SCALE);
	p->y += height;
}

/* So much of a text as pango lays out at once: its time grows with the square. */
static size_t
piece_of(const char *text)
{
	size_t n = strnlen(text, PIECE);

	while (n == PIECE && ((unsigned char)text[n] & 0xC0U) == 0x80U)
		n--;
	return n;
}

/* The lines of a piece. Its last one would hold more, did the text not end there: the next
 * piece begins with it. Returns how many bytes are done with. */
static size_t
flow_piece(struct paper *p, PangoLayout *l, double x, size_t n, bool last)
{
	PangoLayoutIter *i = pango_layout_get_iter(l);
	size_t done = n;

	do {
		int at = pango_layout_iter_get_index(i);

		if (!last && at > 0 && pango_layout_iter_at_last_line(i)) {
			done = (size_t)at;
			break;
		}
		flow_line(p, i, x);
	} while (pango_layout_iter_next_line(i) && p->page <= PDF_PAGES_MAX);
	pango_layout_iter_free(i);
	return done;
}

/* A paragraph line by line, on as many pages as it needs. */
static void
flow(struct paper *p, const char *text, double size, double x, double width, bool bold)
{
	size_t n;
	bool last;

	do {
		PangoLayout *l;

		n = piece_of(text);
		last = text[n] == '\0';
		l = layout_of(p, arena_strndup(p->a, text, n), size, width, bold);
		text += flow_piece(p, l, x, n, last);
		g_object_unref(l);
	} while (!last && p->page <= PDF_PAGES_MAX);
}

static double
height_of(const struct paper *p, const char *text, double size, double width)
{
	PangoLayout *l = layout_of(p, text, size, width, false);
	int height;

	pango_layout_get_size(l, NULL, &height);
	g_object_unref(l);
	return (double)height / PANGO_SCALE;
}

static void
add_head(struct paper *p)
{
	if (p->doc->head == NULL)
		return;
	flow(p, p->doc->head, HEAD_SIZE, LEFT, WIDTH, true);
	if (p->doc->small != NULL)
		flow(p, p->doc->small, SMALL_SIZE, LEFT, WIDTH, false);
	p->y += 6;
	if (p->pages != 0) {
		cairo_set_line_width(p->cr, 0.7);
		cairo_move_to(p->cr, LEFT, p->y);
		cairo_line_to(p->cr, LEFT + WIDTH, p->y);
		cairo_stroke(p->cr);
	}
	p->y += 18;
}

/* Label and text begin on one line; the longer of the two says where it ends. */
static void
add_pair(struct paper *p, const struct pdf_block *b)
{
	double label = height_of(p, b->text, TEXT_SIZE, LABEL - 8), from;
	int page;

	if (p->y + label > PAGE_HEIGHT - BOTTOM)
		next_page(p);
	from = p->y;
	page = p->page;
	flow(p, b->text, TEXT_SIZE, LEFT, LABEL - 8, true);
	if (p->page == page)
		p->y = from;
	flow(p, b->more != NULL ? b->more : "", TEXT_SIZE, LEFT + LABEL, WIDTH - LABEL, false);
	if (p->page == page && p->y < from + label)
		p->y = from + label;
	p->y += GAP / 2;
}

static void
add_block(struct paper *p, const struct pdf_block *b)
{
	if (b->kind == PDF_HEADING && p->y > TOP)
		p->y += GAP / 2;
	/* With two lines of what it is the heading of. */
	if (b->kind == PDF_HEADING &&
		p->y + 4 * TEXT_SIZE * (double)LINE_SPACING > PAGE_HEIGHT - BOTTOM)
		next_page(p);
	if (b->kind == PDF_PAIR) {
		add_pair(p, b);
		return;
	}
	flow(p, b->text, TEXT_SIZE, LEFT, WIDTH, b->kind == PDF_HEADING);
	p->y += b->kind == PDF_HEADING ? GAP / 2 : GAP;
}

/* Once to count the pages, once more to draw them. */
static void
lay_out(struct paper *p, int pages)
{
	p->pages = pages;
	p->page = 1;
	p->y = TOP;
	add_head(p);
	for (size_t i = 0; i < p->doc->n && p->page <= PDF_PAGES_MAX; i++)
		add_block(p, &p->doc->blocks[i]);
	draw_foot(p);
	if (pages != 0)
		cairo_show_page(p->cr);
}

struct err *
pdf_make(struct arena *a, const struct pdf_doc *d, struct bytes *pdf_r, int *pages_r)
{
	struct paper p = {.a = a, .doc = d};
	struct sb sb;
	cairo_surface_t *surface;
	cairo_status_t status;

	sb_init(&sb, a, PDF_MAX);
	surface = cairo_pdf_surface_create_for_stream(keep, &sb, PAGE_WIDTH, PAGE_HEIGHT);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, d->title);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Praya");
	p.cr = cairo_create(surface);
	p.context = pango_cairo_create_context(p.cr);
	pango_cairo_context_set_resolution(p.context, 72);
	pango_context_set_language(p.context,
		pango_language_from_string(strcmp(d->lang, "en") == 0 ? "en-hk" : "zh-hk"));
	lay_out(&p, 0);
	*pages_r = p.page;
	if (p.page <= PDF_PAGES_MAX)
		lay_out(&p, p.page);
	g_object_unref(p.context);
	cairo_destroy(p.cr);
	cairo_surface_finish(surface);
	status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (p.page > PDF_PAGES_MAX)
		return err_new(a, ERR_INVALID, "error.letter_long");
	if (status != CAIRO_STATUS_SUCCESS)
		return err_internal(a, "cairo: %s", cairo_status_to_string(status));
	*pdf_r = (struct bytes){(const unsigned char *)sb.p, sb.n};
	return NULL;
}
