/* SPDX-License-Identifier: ISC */
/* Files of an export on their way back into the store, under keys of their own. */
#include <string.h>

#include "attachment.h"
#include "object.h"
#include "whole_import_part.h"

STMT(attachment_key, "owner.whole_key_of", 1,
	"select coalesce(c.key_id, (select t.key_id from erasure_term t join erasure e using "
	"(erasure_id) "
	"where e.contact_id = a.contact_id and t.until = a.kept_until)) "
	"from attachment a join contact c using (contact_id) where a.attachment_id = $1::bigint");
STMT(case_key, "owner.whole_case_key", 1,
	"select r.key_id from request_file f join privacy_request r using (request_id) "
	"where f.file_id = $1::bigint");
STMT(put_attachment, "owner.whole_put_file", 3,
	"update attachment set object = $2, object_key = $3 where attachment_id = $1::bigint");
STMT(put_case_file, "owner.whole_put_case_file", 3,
	"update request_file set object = $2, object_key = $3 where file_id = $1::bigint");

static struct err *
store_piece(void *ctx, const unsigned char *p, size_t n)
{
	return object_write(ctx, p, n);
}

static struct unpack *
volume_with(const struct whole_import *wi, const char *entry)
{
	for (size_t i = 0; i < wi->n; i++)
		if (unpack_has(wi->volumes[i], entry))
			return wi->volumes[i];
	return NULL;
}

struct err *
whole_put_file(struct whole_import *wi, const struct whole_kind *kind, struct json_object *row)
{
	bool of_case = strcmp(kind->table, "request_file") == 0;
	const char *entry = whole_text(row, "_entry"), *place;
	int64_t id = whole_number(row, kind->id), size;
	unsigned char sha[DIGEST_BYTES];
	char *name = arena_alloc(wi->piece, OBJECT_NAME);
	const struct seal_key *under;
	struct object_writer *w;
	struct unpack *u = volume_with(wi, entry);
	struct seal_key key;
	struct bytes sealed;
	struct rows *r;

	/* It was in the list of files, and dark by then. */
	if (*entry == '\0' || u == NULL)
		return NULL;
	TRY(conn_query(
		wi->conn, wi->piece, of_case ? &case_key : &attachment_key, VALS(val_i64(id)), &r));
	under = rows_count(r) > 0 ? whole_key(wi, rows_i64(r, 0, 0)) : NULL;
	if (under == NULL)
		return whole_refuse(wi, "a file has no key");
	TRY(object_create(wi->piece, wi->tn->files, &w));
	TRY(unpack_read(u, wi->piece, entry, store_piece, w));
	TRY(object_commit(w, name, &key, &size, sha));
	place = of_case ? arena_printf(
				  wi->piece, "request.file.%s|%lld", name, (long long)under->id)
			: attachment_key_place(wi->piece, id);
	sealed = seal_value(wi->piece, under, place, key.key, KEY_BYTES);
	wi->out->files++;
	return conn_query(wi->conn, wi->piece, of_case ? &put_case_file : &put_attachment,
		VALS(val_i64(id), val_text(name), val_bytes(sealed)), NULL);
}
