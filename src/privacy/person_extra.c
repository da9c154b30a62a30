/* SPDX-License-Identifier: ISC */
/* What invoices and files have beyond their fields: lines and bill-to, bytes. */
#include <string.h>

#include "attachment.h"
#include "csv.h"
#include "invoice.h"
#include "money.h"
#include "person_file.h"

STMT(files, "person_export.files", 1,
	"select attachment_id, object, object_key, size, sha256, content_type, file_name, "
	"message_id, "
	"activity_id from attachment where attachment_id = any ($1::bigint[])");

#define LINES_MAX ((size_t)4 * 1024 * 1024)

struct person_extra {
	struct invoice_rows **invoices; /* by record of the piece */
	struct rows *files;
};

struct person_extra *
person_extra_queue(struct person_file *pf, enum entity e, const struct record_page *page)
{
	struct person_extra *x = ARENA_NEW(pf->piece, struct person_extra);
	int64_t *ids = ARENA_ARRAY(pf->piece, page->n + 1, int64_t);

	if (e == ENTITY_INVOICE) {
		x->invoices = ARENA_ARRAY(pf->piece, page->n + 1, struct invoice_rows *);
		for (size_t i = 0; i < page->n; i++)
			x->invoices[i] = invoice_rows_queue(&pf->cx, page->records[i].id, "export");
	} else if (e == ENTITY_ATTACHMENT) {
		for (size_t i = 0; i < page->n; i++)
			ids[i] = page->records[i].id;
		tx_queue(pf->cx.tx, &files, VALS(val_i64s(ids, page->n)), &x->files);
	}
	return x;
}

struct err *
person_extra_begin(struct person_file *pf, enum entity e)
{
	static const char *const header[] = {"invoice_id", "number", "position", "description",
		"quantity", "unit_amount", "amount", "currency"};
	struct sb sb;

	if (e != ENTITY_INVOICE)
		return NULL;
	sb_init(&sb, pf->piece, LINES_MAX);
	csv_put_row(&sb, header, sizeof(header) / sizeof(header[0]));
	TRY(scratch_new(pf->a, tenancy_settings(pf->in->tenancy)->scratch, &pf->lines_csv));
	return scratch_add_sb(pf->lines_csv, &sb);
}

void
person_extra_end(struct person_file *pf, enum entity e)
{
	if (e == ENTITY_INVOICE)
		archive_add_scratch(pf->ar, "invoice_lines.csv", pf->lines_csv);
}

static void
add_line(const struct person_file *pf, const struct record *rec, const struct invoice_line *l,
	size_t position, struct json_object *data, struct json_object *item, struct sb *sb)
{
	const char *quantity = invoice_quantity_text(pf->piece, l->quantity);
	const char *unit = money_plain(pf->piece, l->unit_amount, rec->currency);
	const char *amount = money_plain(pf->piece, l->amount, rec->currency);
	const char *cells[] = {arena_printf(pf->piece, "%lld", (long long)rec->id), rec->title,
		arena_printf(pf->piece, "%zu", position), l->description, quantity, unit, amount,
		rec->currency};

	model_text(data, "description", l->description);
	model_text(data, "quantity", quantity);
	model_text(data, "unit_amount", unit);
	model_text(data, "amount", amount);
	model_text(item, "description", l->description);
	model_text(item, "quantity", quantity);
	model_text(item, "unit", money_show(pf->piece, l->unit_amount, rec->currency));
	model_text(item, "amount", money_show(pf->piece, l->amount, rec->currency));
	csv_put_row(sb, cells, sizeof(cells) / sizeof(cells[0]));
}

static void
add_fact(const struct person_file *pf, struct json_object *item, const char *key, const char *text)
{
	struct json_object *fact;

	if (text == NULL)
		return;
	fact = model_item(json_object_object_get(item, "facts"));
	model_text(fact, "label", person_text(pf, key, NULL));
	model_text(fact, "text", text);
}

static struct err *
add_invoice(struct person_file *pf, const struct invoice_rows *r, const struct record *rec,
	struct json_object *data, struct json_object *item)
{
	struct json_object *list = model_list(data, "lines"), *rows = model_list(item, "lines"), *o;
	const char *name, *address;
	struct invoice_line *lines;
	size_t n = invoice_rows_lines(&pf->cx, r, &lines);
	struct sb sb;

	sb_init(&sb, pf->piece, LINES_MAX);
	for (size_t i = 0; i < n; i++)
		add_line(pf, rec, &lines[i], i + 1, model_item(list), model_item(rows), &sb);
	TRY(scratch_add_sb(pf->lines_csv, &sb));
	TRY(invoice_rows_bill_to(&pf->cx, r, rec->id, &name, &address));
	if (name == NULL && address == NULL)
		return NULL;
	o = model_child(data, "bill_to");
	model_text(o, "name", name);
	model_text(o, "address", address);
	add_fact(pf, item, "export.bill_to_name", name);
	add_fact(pf, item, "export.bill_to_address", address);
	return NULL;
}

/* What some systems cannot have in a file's name. */
static const char *
safe_name(struct arena *a, const char *name)
{
	char *out = arena_strdup(a, name);

	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || strchr("\\/:*?\"<>|", *p) != NULL)
			*p = '_';
	return out;
}

/* ".pdf", or nothing when what is behind the last dot is no such thing. */
static const char *
extension(struct arena *a, const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t n = dot != NULL ? strlen(dot + 1) : 0;

	if (n == 0 || n > 8 ||
		strspn(dot + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") !=
			n)
		return "";
	return arena_strdup(a, dot);
}

/* The names of entries are readable without the password, so they say nothing then. */
static const char *
entry_name(const struct person_file *pf, int64_t id, const char *file_name)
{
	if (file_name == NULL)
		file_name = "file";
	return arena_printf(pf->a, "%lld%s%s", (long long)id, pf->in->password != NULL ? "" : "-",
		pf->in->password != NULL ? extension(pf->piece, file_name)
					 : safe_name(pf->piece, file_name));
}

static struct err *
file_key(const struct person_file *pf, int64_t id, struct bytes sealed, struct seal_key *key_r)
{
	struct bytes plain;

	if (!unseal_value(
		    pf->piece, &pf->key, attachment_key_place(pf->piece, id), sealed, &plain) ||
		plain.n != KEY_BYTES)
		return err_internal(pf->piece, "the key of a file does not open");
	memset(key_r, 0, sizeof(*key_r));
	memcpy(key_r->key, plain.p, KEY_BYTES);
	return NULL;
}

/* r: the file's row. Its bytes are read when the archive is written. */
static struct err *
add_file(struct person_file *pf, const struct rows *r, size_t row, struct json_object *data,
	struct json_object *item)
{
	int64_t id = rows_i64(r, row, 0);
	struct archive_object o = {.store = pf->in->tenant->files, .size = rows_i64(r, row, 3)};
	const char *name;

	/* Emptied on its own account: the row stays, the bytes are gone. */
	if (rows_null(r, row, 1) || rows_null(r, row, 2) || rows_null(r, row, 4))
		return NULL;
	TRY(file_key(pf, id, rows_bytes(pf->piece, r, row, 2), &o.key));
	o.object = arena_strdup(pf->a, rows_text(r, row, 1));
	o.sha256 = rows_bytes(pf->a, r, row, 4);
	if (!rows_null(r, row, 5))
		o.content_type = arena_strdup(pf->a, rows_text(r, row, 5));
	name = entry_name(pf, id, rows_text(r, row, 6));
	archive_add_object(pf->ar, arena_printf(pf->a, "attachments/%s", name), &o);
	model_text(data, "entry", arena_printf(pf->piece, "attachments/%s", name));
	model_text(data, "sha256", hex_encode(pf->piece, o.sha256.p, o.sha256.n));
	if (!rows_null(r, row, 7))
		model_i64(data, "message_id", rows_i64(r, row, 7));
	if (!rows_null(r, row, 8))
		model_i64(data, "activity_id", rows_i64(r, row, 8));
	model_text(item, "entry", name);
	return NULL;
}

struct err *
person_extra_add(struct person_file *pf, const struct person_extra *x, size_t i,
	const struct record *rec, struct json_object *data, struct json_object *item)
{
	if (x->invoices != NULL)
		return add_invoice(pf, x->invoices[i], rec, data, item);
	for (size_t row = 0; x->files != NULL && row < rows_count(x->files); row++)
		if (rows_i64(x->files, row, 0) == rec->id)
			return add_file(pf, x->files, row, data, item);
	return NULL;
}
