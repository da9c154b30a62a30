/* SPDX-License-Identifier: ISC */
/* Handing a file over: decrypted while it is sent, in constant memory. */
#include <string.h>

#include "attachment.h"
#include "event.h"
#include "object.h"

STMT(content, "attachment.content", 1,
	"select f.attachment_id, f.object, f.object_key, f.size, f.file_name, f.content_type, "
	"f.contact_id, c.erased_at is not null from attachment f join contact c using (contact_id) "
	"where f.attachment_id = $1::bigint");

#define PIECE 65536

/* Types that no browser runs, for those who open the file from the browser's
 * own list. What a client claimed is otherwise not repeated. */
const char *
attachment_type(const char *claimed)
{
	static const char *const safe[] = {"application/pdf", "application/zip", "image/gif",
		"image/jpeg", "image/png", "image/tiff", "image/webp", "audio/mpeg", "audio/ogg",
		"video/mp4", "text/csv", "text/plain", "application/msword",
		"application/vnd.ms-excel",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation"};

	for (size_t i = 0; claimed != NULL && i < sizeof(safe) / sizeof(safe[0]); i++)
		if (strcasecmp(safe[i], claimed) == 0)
			return safe[i];
	return "application/octet-stream";
}

static struct err *
send_object(void *ctx, struct response *rp)
{
	struct object_reader *r = ctx;
	unsigned char *piece = arena_alloc(rp->a, PIECE);
	size_t got;

	do {
		TRY(object_read(r, piece, PIECE, &got));
		if (got > 0)
			TRY(response_write(rp, piece, got));
	} while (got > 0);
	return NULL;
}

struct err *
attachment_send(const struct record_ctx *cx, const struct seal_key *under, const struct rows *r,
	struct response *rp)
{
	const char *place = attachment_key_place(cx->a, rows_i64(r, 0, 0));
	struct bytes sealed = rows_bytes(cx->a, r, 0, 2), plain;
	struct seal_key key = {0};
	struct object_reader *o;

	if (!unseal_value(cx->a, under, place, sealed, &plain) || plain.n != KEY_BYTES)
		return err_internal(cx->a, "the key of a file does not open");
	memcpy(key.key, plain.p, KEY_BYTES);
	TRY(object_open(cx->a, cx->tenant->files, rows_text(r, 0, 1), &key, &o));
	rp->content_type = attachment_type(rows_text(r, 0, 5));
	rp->stream_size = rows_i64(r, 0, 3);
	rp->stream = send_object;
	rp->stream_ctx = o;
	return NULL;
}

static const char *
name_for(const struct record_ctx *cx, int64_t id, const char *stored)
{
	enum field_level level;

	if (stored != NULL &&
		catalogue_visible(cx->cat, cx->principal, ENTITY_ATTACHMENT, "file_name", &level) !=
			NULL &&
		level >= LEVEL_READ)
		return stored;
	return arena_printf(cx->a, "file-%lld", (long long)id);
}

/* The gate commits the event before the first byte goes out. */
struct err *
attachment_content(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0), contact;
	struct seal_key person;
	struct rows *r;

	TRY(tx_query(rq->tx, &content, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(r, 0, 7) || rows_null(r, 0, 1) || rows_null(r, 0, 2))
		return err_new(rq->a, ERR_GONE, NULL);
	contact = rows_i64(r, 0, 6);
	TRY(person_key(&cx, contact, &person));
	TRY(attachment_send(&cx, &person, r, rp));
	audit_queue_one(rq->tx, rq->a, "download", "attachment", id, contact, NULL);
	rp->file_name = name_for(&cx, id, rows_text(r, 0, 4));
	return NULL;
}
