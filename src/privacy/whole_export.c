/* SPDX-License-Identifier: ISC */
/* Everything, from the first table to the last volume. */
#include "whole.h"

#include <time.h>

#include "date.h"
#include "model.h"
#include "region_sign.h"
#include "user.h"
#include "whole_part.h"

/* Of the piece: 64 rows, parsed and written twice. Of a volume: its entries. */
#define PIECE_MEMORY ((size_t)256 * 1024 * 1024)
#define VOLUME_MEMORY ((size_t)64 * 1024 * 1024)
#define BEAT_MS 1000
/* Before a fiftieth was read what it came to says little of the rest. */
#define TELL_PART 50
/* README.html, style.css, schema.json, log.head; manifest.json and manifest.sig of every volume. */
#define FIXED_ENTRIES 6
#define OWN_ENTRIES 2

/* Every transaction of this connection from now on sees one moment. */
STMT(one_moment, "whole.one_moment", 0,
	"select set_config('default_transaction_isolation', 'repeatable read', false)");
STMT(moment, "whole.moment", 0,
	"select (extract(epoch from now()) * 1000000)::bigint, "
	"to_char(now() at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD'), "
	"((select coalesce(sum(size), 0) from attachment where object is not null) + "
	"(select coalesce(sum(size), 0) from request_file where object is not null))::bigint");

const char *
whole_file_name(struct arena *a, const char *slug, const char *day, int64_t n, int64_t of)
{
	if (of == 1)
		return arena_printf(a, "%s-%s.zip", slug, day);
	return arena_printf(a, "%s-%s-%lldof%lld.zip", slug, day, (long long)n, (long long)of);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What the tables will come to: as what was read of them came to more, or less, than its weight, so
 * does the rest. */
static int64_t
data_expected(const struct whole *w)
{
	const struct whole_table *t = w->at;
	double part, read = (double)w->passed;

	if (t != NULL && t->expect > 0) {
		part = (double)t->rows / (double)t->expect;
		read += (double)t->weight * (part < 1 ? part : 1);
	}
	if (read * TELL_PART < (double)w->weight || read <= 0)
		return w->data_bytes > w->weight ? w->data_bytes : w->weight;
	return (int64_t)((double)w->data_bytes * (double)w->weight / read);
}

/* Reading is a third of it, as measured; then everything is packed, and what came of
 * that is encrypted into the store, at twice the pace. */
struct err *
whole_tick(struct whole *w)
{
	int64_t now = now_ms(), packed = w->ar != NULL ? archive_done(w->ar) : 0, data;

	if (now - w->beat_ms < BEAT_MS)
		return NULL;
	w->beat_ms = now;
	data = w->tx != NULL ? data_expected(w) : w->data_bytes;
	return w->in->beat(w->in->ctx, (w->data_bytes + w->before + packed) / 1024,
		(data + (data + w->file_bytes) / 2 * 3) / 1024 + 1);
}

static struct err *
watch_tick(void *ctx, int64_t files)
{
	(void)files;
	return whole_tick(ctx);
}

struct err *
whole_scratch(struct whole *w, struct scratch **s_r)
{
	return scratch_new(w->volume, tenancy_settings(w->in->tenancy)->scratch, s_r);
}

static struct err *
begin(struct whole *w, struct tx **tx_r)
{
	struct whole_export *in = w->in;
	struct rows *r;

	TRY(conn_query(in->conn, w->piece, &one_moment, NO_VALS, NULL));
	TRY(system_tx(in->conn, w->piece, in->via, in->user_id, "workspace export", tx_r));
	w->tx = *tx_r;
	TRY(tx_query(w->tx, &moment, NO_VALS, &r));
	w->made_usec = rows_i64(r, 0, 0);
	w->made_at = time_rfc3339(w->a, w->made_usec);
	in->day = arena_strdup(w->a, rows_text(r, 0, 1));
	w->file_bytes = rows_i64(r, 0, 2);
	return whole_load_tables(w);
}

static void
about(struct whole *w, int64_t n, int64_t of)
{
	struct json_object *o = model_object(w->volume), *tables;

	model_text(o, "format", WHOLE_FORMAT);
	model_i64(o, "format_version", WHOLE_FORMAT_VERSION);
	model_i64(o, "schema", tenancy_schema(w->in->tenancy));
	model_text(o, "workspace", w->in->tenant->name);
	model_text(o, "slug", w->in->tenant->slug);
	model_text(o, "region", w->in->tenant->region);
	model_text(o, "made_at", w->made_at);
	model_i64(o, "volume", n);
	model_i64(o, "volumes", of);
	tables = model_child(o, "rows");
	for (size_t i = 0; i < w->ntables; i++)
		model_i64(tables, w->tables[i].name, w->tables[i].rows);
	archive_about(w->ar, o);
}

static struct err *
open_volume(struct whole *w)
{
	w->volume = arena_new(VOLUME_MEMORY);
	w->watch = (struct archive_watch){watch_tick, w};
	return archive_new(
		w->volume, tenancy_settings(w->in->tenancy)->scratch, NULL, &w->watch, &w->ar);
}

const char *
whole_statement(struct arena *a, const unsigned char sha256[DIGEST_BYTES])
{
	return arena_printf(a, "{\"what\":\"manifest of an export\",\"sha256\":\"%s\"}",
		hex_encode(a, sha256, DIGEST_BYTES));
}

static struct err *
sign(void *ctx, struct arena *a, const unsigned char sha256[DIGEST_BYTES], const char **text_r)
{
	const struct whole *w = ctx;

	return region_sign(w->in->tenancy, a, whole_statement(a, sha256), text_r);
}

static struct err *
close_volume(struct whole *w, int64_t n, int64_t of)
{
	struct scratch *zip;

	about(w, n, of);
	archive_sign(w->ar, sign, w);
	TRY(archive_write(w->ar, &zip));
	TRY(w->in->volume(w->in->ctx, w->volume, n, of, zip));
	w->before += archive_size(w->ar) / 2 * 3;
	w->ar = NULL;
	arena_free(&w->volume);
	return NULL;
}

/* What is in the database; its transaction is over then. */
static struct err *
read_all(struct whole *w, struct tx **tx_r)
{
	TRY(whole_tick(w));
	TRY(whole_load_legend(w));
	TRY(whole_add_tables(w));
	w->file_bytes = 0;
	TRY(whole_list_files(w));
	TRY(tx_commit(w->tx));
	tx_end(tx_r);
	w->tx = NULL;
	return NULL;
}

static struct err *
build(struct whole *w, struct tx **tx_r)
{
	int64_t max = w->in->entries != 0 ? w->in->entries : WHOLE_ENTRIES, room, more, of, at = 0;

	TRY(open_volume(w));
	TRY(begin(w, tx_r));
	TRY(read_all(w, tx_r));
	room = max - archive_entries(w->ar) - FIXED_ENTRIES;
	if (room < 0)
		room = 0;
	more = w->nfiles > room ? w->nfiles - room : 0;
	of = 1 + (more + max - OWN_ENTRIES - 1) / (max - OWN_ENTRIES);
	TRY(whole_add_legend(w, of));
	TRY(whole_pack_files(w, &at, room));
	TRY(close_volume(w, 1, of));
	for (int64_t n = 2; n <= of; n++) {
		TRY(open_volume(w));
		TRY(whole_pack_files(w, &at, max - OWN_ENTRIES));
		TRY(close_volume(w, n, of));
	}
	return NULL;
}

static void
end(void *arg)
{
	struct whole *w = arg;

	arena_free(&w->volume);
	arena_free(&w->piece);
}

struct err *
whole_build(struct whole_export *in, struct tx **tx_r)
{
	struct whole *w = ARENA_NEW(in->a, struct whole);

	*tx_r = NULL;
	w->in = in;
	w->a = in->a;
	w->piece = arena_new(PIECE_MEMORY);
	arena_on_reset(in->a, end, w);
	return build(w, tx_r);
}
