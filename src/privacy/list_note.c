/* SPDX-License-Identifier: ISC */
/* What goes along with the records: who took them out, when, why, who let them. */
#include "date.h"
#include "export_guard.h"
#include "list_file.h"
#include "view.h"

STMT(about, "list_export.about", 1,
	"select u.name, u.email, (extract(epoch from e.created_at) * 1000000)::bigint, e.reason, "
	"d.name, d.email, (extract(epoch from e.decided_at) * 1000000)::bigint, e.alone, e.note, "
	"e.asked from export e left join app_user u on u.user_id = e.created_by "
	"left join app_user d on d.user_id = e.decided_by where e.export_id = $1::bigint");

struct note {
	const struct list_file *lf;
	enum lang lang;
	struct sb sb;
};

static void
line(struct note *n, const char *key, const char *text)
{
	if (text != NULL)
		sb_printf(&n->sb, "%s: %s\r\n", view_text(n->lf->piece, n->lang, key, NULL), text);
}

static const char *
word(const struct note *n, const char *prefix, const char *code)
{
	return view_text(
		n->lf->piece, n->lang, arena_printf(n->lf->piece, "%s.%s", prefix, code), NULL);
}

static const char *
who(const struct note *n, const struct rows *r, size_t col)
{
	return rows_null(r, 0, col) ? NULL
				    : arena_printf(n->lf->piece, "%s <%s>", rows_text(r, 0, col),
					      rows_text(r, 0, col + 1));
}

static const char *
when(const struct note *n, const struct rows *r, size_t col)
{
	return time_show(n->lf->piece, rows_i64(r, 0, col), lang_tag(n->lang));
}

static const char *
fields(const struct note *n, bool opened)
{
	const struct layout *l = n->lf->layout;
	struct sb sb;

	sb_init(&sb, n->lf->piece, 65536);
	for (size_t i = 0; i < l->n; i++) {
		const struct field *f = l->fields[i];

		if (opened && (!f->sealed || l->names[i] != f->name))
			continue;
		sb_printf(&sb, "%s%s", sb.n > 0 ? ", " : "", field_label(f, n->lang));
	}
	return sb.n > 0 ? sb.p : NULL;
}

static void
write_note(struct note *n, const struct rows *r)
{
	struct arena *a = n->lf->piece;
	enum lang l = n->lang;

	sb_printf(&n->sb, "%s\r\n\r\n", view_text(a, l, "exports.note.title", n->lf->code));
	line(n, "exports.note.workspace", n->lf->cx.tenant->name);
	line(n, "exports.what",
		view_text(
			a, l, arena_printf(a, "entity.%s.many", entity_name(n->lf->entity)), NULL));
	line(n, "exports.asked", arena_printf(a, "%lld", (long long)rows_i64(r, 0, 9)));
	line(n, "exports.exported", arena_printf(a, "%lld", (long long)n->lf->done));
	line(n, "exports.fields", fields(n, false));
	line(n, "exports.opened", fields(n, true));
	line(n, "exports.by", who(n, r, 0));
	line(n, "exports.at", when(n, r, 2));
	line(n, "exports.reason", word(n, "reason", rows_text(r, 0, 3)));
	if (!rows_null(r, 0, 6)) {
		line(n, rows_bool(r, 0, 7) ? "exports.approved_alone" : "exports.approved_by",
			who(n, r, 4));
		line(n, "exports.decided_at", when(n, r, 6));
		line(n, "exports.decision_note",
			export_note(&n->lf->cx, n->lf->id, rows_bytes(a, r, 0, 8)));
	}
	sb_printf(&n->sb, "\r\n%s\r\n\r\n", view_text(a, l, "exports.note.duty", NULL));
}

struct err *
list_note(struct list_file *lf, struct scratch *s)
{
	enum lang first = lf->cx.lang;
	struct rows *r;

	TRY(tx_query(lf->cx.tx, &about, VALS(val_i64(lf->id)), &r));
	for (int i = 0; i < LANG_MAX; i++) {
		struct note n = {.lf = lf, .lang = (enum lang)((first + i) % LANG_MAX)};

		sb_init(&n.sb, lf->piece, 262144);
		write_note(&n, r);
		TRY(scratch_add_sb(s, &n.sb));
	}
	return NULL;
}
