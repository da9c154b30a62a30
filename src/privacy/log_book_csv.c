/* SPDX-License-Identifier: ISC */
/* The log book as a file for whoever inspects it (s.27(4)): a page of entries at a time, oldest
 * first, in constant memory. */
#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "csv.h"
#include "date.h"
#include "event.h"
#include "log_book.h"

STMT(next_entries, "log_book.csv", 4,
	"with b as materialized (select * from log_book where entered_at >= $1::date::timestamp "
	"at time zone 'Asia/Hong_Kong' and entered_at < ($2::date + 1)::timestamp at time zone "
	"'Asia/Hong_Kong' and (entered_at, entry_id) > (to_timestamp($3::bigint / 1000000.0), "
	"$4::bigint) order by entered_at, entry_id limit 200) "
	"select b.entry_id, p.reference, b.kind, (extract(epoch from b.entered_at) * "
	"1000000)::bigint, u.name, b.received_on::text, b.ground, b.key_id, k.wrapped, b.reasons, "
	"b.notice_on::text, b.late, b.corrects from b cross join lateral (select reference from "
	"privacy_request q where q.request_id = b.request_id offset 0) p left join app_user u on "
	"u.user_id = b.entered_by left join lateral (select wrapped from data_key d where "
	"d.key_id = b.key_id offset 0) k on true order by b.entered_at, b.entry_id");

#define FIRST_DAY "1996-12-20"
#define LAST_DAY "2999-12-31"
#define COLUMNS 13
#define PIECE_MAX ((size_t)8 << 20)

static const char *const columns[COLUMNS] = {"entry", "reference", "kind", "requestor",
	"received_on", "ground", "reasons", "prejudice", "notice_on", "late", "corrects",
	"entered_at", "entered_by"};

static const char *
word(struct arena *a, enum lang l, const char *prefix, const char *word)
{
	const char *key = arena_printf(a, "%s.%s", prefix, word);
	const char *text = view_text(a, l, key, NULL);

	return strcmp(text, key) == 0 ? word : text;
}

static struct err *
put_head(const struct log_book_file *f, struct arena *a, struct sb *out)
{
	const char *cells[COLUMNS];
	enum lang l = f->lang;

	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = word(a, l, "logbook.column", columns[i]);
	sb_puts(out, "\xef\xbb\xbf");
	csv_put_row(out, cells, COLUMNS);
	return f->row != NULL ? f->row(f->ctx, cells, COLUMNS) : NULL;
}

static struct err *
put_entry(const struct log_book_file *f, struct arena *a, const struct rows *r, size_t i,
	struct sb *out)
{
	struct json_object *o = log_book_open(a, &f->tenant->kek, rows_bytes(a, r, i, 8),
		rows_i64(r, i, 7), rows_bytes(a, r, i, 9));
	const char *cells[COLUMNS] = {arena_printf(a, "%lld", (long long)rows_i64(r, i, 0)),
		rows_text(r, i, 1), word(a, f->lang, "requests.kind", rows_text(r, i, 2)),
		json_object_get_string(json_object_object_get(o, "requestor")), rows_text(r, i, 5),
		rows_text(r, i, 6), json_object_get_string(json_object_object_get(o, "reasons")),
		json_object_get_string(json_object_object_get(o, "prejudice")), rows_text(r, i, 10),
		word(a, f->lang, "common", rows_bool(r, i, 11) ? "yes" : "no"),
		rows_null(r, i, 12) ? NULL : arena_printf(a, "%lld", (long long)rows_i64(r, i, 12)),
		time_rfc3339(a, rows_i64(r, i, 3)), rows_text(r, i, 4)};

	csv_put_row(out, cells, COLUMNS);
	return f->row != NULL ? f->row(f->ctx, cells, COLUMNS) : NULL;
}

struct err *
log_book_write(const struct log_book_file *f)
{
	struct arena *a = f->a;
	int64_t at = 0, id = 0;
	size_t n;

	do {
		struct arena_mark mark = arena_mark(a);
		struct rows *r;
		struct sb out;
		struct tx *tx;

		sb_init(&out, a, PIECE_MAX);
		if (id == 0)
			TRY(put_head(f, a, &out));
		TRY(f->begin(f->ctx, &tx));
		TRY(tx_query(tx, &next_entries,
			VALS(val_text(f->from != NULL ? f->from : FIRST_DAY),
				val_text(f->to != NULL ? f->to : LAST_DAY), val_i64(at),
				val_i64(id)),
			&r));
		n = rows_count(r);
		for (size_t i = 0; i < n; i++)
			TRY(put_entry(f, a, r, i, &out));
		if (n > 0) {
			at = rows_i64(r, n - 1, 3);
			id = rows_i64(r, n - 1, 0);
		}
		TRY(f->end(f->ctx, tx));
		if (!sb_ok(&out))
			return err_internal(a, "a page of the log book is too long");
		TRY(f->put(f->ctx, out.p, out.n));
		arena_release(a, mark);
	} while (n > 0);
	return NULL;
}
