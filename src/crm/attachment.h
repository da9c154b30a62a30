/* SPDX-License-Identifier: ISC */
/*
 * Files of a person. The bytes lie in the file store under a key of their own;
 * that key lies in the row, sealed under the person's key, so that erasing the
 * person makes the file unreadable wherever a copy of it may be.
 */
#ifndef PRAYA_ATTACHMENT_H
#define PRAYA_ATTACHMENT_H

#include "pages.h"

extern const struct route attachment_routes[];
extern const struct entity_hooks attachment_hooks;

/* A file in the store that a row is to be made for. */
struct attachment_new {
	int64_t contact_id;
	int64_t message_id;  /* 0: none */
	int64_t activity_id; /* 0: none */
	const char *file_name;
	const char *content_type;
	const char *object;
	struct seal_key object_key;
	int64_t size;
	const unsigned char *sha256;
};

/* The row, with its event. c: further fields (kept_until, ...), or empty. The
 * contact, message and activity must have been checked. CONFLICT when erased. */
struct err *attachment_create(const struct record_ctx *cx, const struct attachment_new *in,
	struct changes *c, int64_t *id_r);

/* The files of a message or activity, with their event: queued where a page or
 * an answer shows them, there after the trip. */
void attachments_queue(struct request *rq, const struct record_ctx *cx, enum entity of, int64_t id,
	struct rows **rows_r);
/* "attachments" of the API's object, a panel of the page. */
void attachments_model(struct request *rq, const struct record_ctx *cx, const struct record *rec,
	const struct rows *rows, struct json_object *o, struct json_object *page);

/* What binds a file's key to its row. */
const char *attachment_key_place(struct arena *a, int64_t id);

/* The claimed type, when no browser runs it; else that of plain bytes. */
const char *attachment_type(const char *claimed);
/* Hands a file over as a stream. Row 0: number, object, its sealed key, size, name, type;
 * under: the key that seals the file's own. */
struct err *attachment_send(const struct record_ctx *cx, const struct seal_key *under,
	const struct rows *r, struct response *rp);

handler_fn attachment_post;     /* POST /attachments */
handler_fn attachment_add;      /* POST /contacts/{id}/attachments */
handler_fn attachment_new_page; /* GET  /contacts/{id}/attachments/new */
handler_fn attachment_content;  /* GET  /attachments/{id}/content */

#endif
