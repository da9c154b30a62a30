/* SPDX-License-Identifier: ISC */
#include "attachment.h"

#include <string.h>

#include "child.h"
#include "text.h"
#include "token.h"

STMT(store, "attachment.store", 6,
	"update attachment set object = $2, object_key = $3, sha256 = $4, message_id = $5::bigint, "
	"activity_id = $6::bigint where attachment_id = $1::bigint");
STMT(facts, "attachment.facts", 1,
	"select f.sha256, (select m.message_id from message m where m.message_id = f.message_id), "
	"(select x.activity_id from activity x where x.activity_id = f.activity_id), "
	"f.object is not null from attachment f where f.attachment_id = $1::bigint");
STMT(of_message, "attachment.of_message", 2,
	"with q as materialized (select attachment_id, file_name, size, contact_id from attachment "
	"where message_id = $1::bigint and archived_at is null order by attachment_id limit 200), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) "
	"select 'list', 'attachment', array_agg(attachment_id), array_agg(distinct contact_id), "
	"field_set_of('attachment', $2::text[]), count(*) from q having count(*) > 0) select * "
	"from q");
STMT(of_activity, "attachment.of_activity", 2,
	"with q as materialized (select attachment_id, file_name, size, contact_id from attachment "
	"where activity_id = $1::bigint and archived_at is null order by attachment_id limit 200), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) "
	"select 'list', 'attachment', array_agg(attachment_id), array_agg(distinct contact_id), "
	"field_set_of('attachment', $2::text[]), count(*) from q having count(*) > 0) select * "
	"from q");

const char *
attachment_key_place(struct arena *a, int64_t id)
{
	return arena_printf(a, "attachment.object_key|%lld", (long long)id);
}

static void
put_text(const struct record_ctx *cx, struct changes *c, const char *field, const char *text)
{
	changes_put(cx, c, ENTITY_ATTACHMENT, field,
		(struct value){.null = text == NULL, .text = text, .val = val_text(text)});
}

struct err *
attachment_create(const struct record_ctx *cx, const struct attachment_new *in, struct changes *c,
	int64_t *id_r)
{
	struct seal_key person;
	struct bytes sealed;

	changes_put(cx, c, ENTITY_ATTACHMENT, "contact_id", value_id(cx->a, in->contact_id));
	changes_put(cx, c, ENTITY_ATTACHMENT, "size", value_id(cx->a, in->size));
	put_text(cx, c, "content_type", in->content_type);
	if (changes_find(c, "file_name") == NULL)
		put_text(cx, c, "file_name", in->file_name);
	TRY(record_create(cx, ENTITY_ATTACHMENT, c, id_r));
	TRY(person_key(cx, in->contact_id, &person));
	sealed = seal_value(
		cx->a, &person, attachment_key_place(cx->a, *id_r), in->object_key.key, KEY_BYTES);
	tx_queue(cx->tx, &store,
		VALS(val_i64(*id_r), val_text(in->object), val_bytes(sealed),
			val_bytes((struct bytes){in->sha256, DIGEST_BYTES}), val_id(in->message_id),
			val_id(in->activity_id)),
		NULL);
	return tx_run(cx->tx);
}

/* Renaming, and what the law wants kept. */
static struct err *
check(struct request *rq, const struct record_ctx *cx, int64_t id, struct changes *c)
{
	const struct change *name = changes_find(c, "file_name");
	struct child_state st;
	struct err *e = NULL;

	(void)rq;
	TRY(child_state(cx, ENTITY_ATTACHMENT, id, &st));
	child_check(cx, id, &st, c, &e);
	if (name != NULL && name->value.null)
		err_add_field(cx->a, &e, "file_name", "error.required", NULL);
	else if (name != NULL)
		put_text(cx, c, "file_name", text_file_name(cx->a, name->value.text));
	return e;
}

static void
queue_facts(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r)
{
	(void)rq;
	tx_queue(cx->tx, &facts, VALS(val_i64(id)), (struct rows **)state_r);
}

static struct err *
model(struct request *rq, const struct record_ctx *cx, const struct record *rec, void *state,
	struct json_object *o, struct json_object *page)
{
	const char *url = arena_printf(cx->a, "/attachments/%lld/content", (long long)rec->id);
	const struct rows *r = state;
	struct bytes digest;

	if (rows_count(r) == 0)
		return NULL;
	digest = rows_bytes(cx->a, r, 0, 0);
	if (rq->api) {
		model_text(o, "sha256",
			digest.p != NULL ? hex_encode(cx->a, digest.p, digest.n) : NULL);
		for (size_t i = 1; i <= 2; i++) {
			const char *name = i == 1 ? "message_id" : "activity_id";

			if (rows_null(r, 0, i))
				model_null(o, name);
			else
				model_i64(o, name, rows_i64(r, 0, i));
		}
		model_text(o, "content", arena_printf(cx->a, "/api/v1%s", url));
	} else if (rows_bool(r, 0, 3)) {
		model_action(page, cx, "download", url, false);
	}
	return NULL;
}

const struct entity_hooks attachment_hooks = {
	.before = check,
	.queue = queue_facts,
	.model = model,
};

/* The name only for those who may read the field. */
static const char *const *
listed_fields(const struct record_ctx *cx, size_t *n_r)
{
	static const char *const names[] = {"file_name", "size"};
	enum field_level level;
	bool named = catalogue_visible(cx->cat, cx->principal, ENTITY_ATTACHMENT, "file_name",
			     &level) != NULL &&
		     level >= LEVEL_READ;

	*n_r = named ? 2 : 1;
	return named ? names : names + 1;
}

void
attachments_queue(struct request *rq, const struct record_ctx *cx, enum entity of, int64_t id,
	struct rows **rows_r)
{
	const char *const *names;
	size_t n;

	if (!principal_may(cx->principal, ENTITY_ATTACHMENT, RIGHT_VIEW) ||
		(!rq->api && rq->route->handler != pages_read))
		return;
	names = listed_fields(cx, &n);
	tx_queue(cx->tx, of == ENTITY_MESSAGE ? &of_message : &of_activity,
		VALS(val_i64(id), val_texts(names, n)), rows_r);
}

static const char *
shown_size(const struct record_ctx *cx, int64_t size)
{
	struct value v = value_id(cx->a, size);

	return value_show(
		cx->a, catalogue_find(cx->cat, ENTITY_ATTACHMENT, "size"), NULL, &v, cx->lang);
}

void
attachments_model(struct request *rq, const struct record_ctx *cx, const struct record *rec,
	const struct rows *rows, struct json_object *o, struct json_object *page)
{
	const char *of = rec->layout->def->entity == ENTITY_MESSAGE ? "message_id" : "activity_id";
	struct json_object *list, *panel;
	size_t named;

	listed_fields(cx, &named);
	if (rq->api) {
		list = model_list(o, "attachments");
	} else {
		panel = model_item(model_list(page, "panels"));
		model_text(panel, "key", "files");
		model_text(
			panel, "label", view_text(cx->a, cx->lang, "entity.attachment.many", NULL));
		if (principal_may(cx->principal, ENTITY_ATTACHMENT, RIGHT_CREATE))
			model_text(panel, "add_url",
				arena_printf(cx->a, "/contacts/%lld/attachments/new?%s=%lld",
					(long long)rec->contact_id, of, (long long)rec->id));
		list = model_list(panel, "rows");
	}
	for (size_t i = 0; i < rows_count(rows); i++) {
		struct json_object *f = model_item(list);
		const char *name = named == 2 ? rows_text(rows, i, 1) : NULL;

		if (rq->api) {
			model_i64(f, "id", rows_i64(rows, i, 0));
			model_text(f, "file_name", name);
			model_i64(f, "size", rows_i64(rows, i, 2));
			continue;
		}
		model_text(f, "title",
			name != NULL ? name
				     : view_text(cx->a, cx->lang, "entity.attachment.one", NULL));
		model_text(f, "url",
			arena_printf(cx->a, "/attachments/%lld", (long long)rows_i64(rows, i, 0)));
		model_text(f, "meta", shown_size(cx, rows_i64(rows, i, 2)));
	}
}

/* The file itself is looked for by the handler, so that a form comes back with
 * what was typed. */
static const struct param upload_params[] = {
	{"file", P_FILE, IN_BODY, 0, 1, false},
	{"contact_id", P_I64, IN_BODY, 1, 0, false},
	{"message_id", P_I64, IN_BODY, 1, 0, false},
	{"activity_id", P_I64, IN_BODY, 1, 0, false},
	PARAM_END,
};
static const struct param add_params[] = {
	{"file", P_FILE, IN_BODY, 0, 1, false},
	{"message_id", P_I64, IN_BODY, 1, 0, false},
	{"activity_id", P_I64, IN_BODY, 1, 0, false},
	PARAM_END,
};
static const struct param new_params[] = {
	{"message_id", P_I64, IN_QUERY, 1, 0, false},
	{"activity_id", P_I64, IN_QUERY, 1, 0, false},
	PARAM_END,
};

const struct route attachment_routes[] = {
	ROUTE(READ, GET, "/attachments", ON_BOTH, "attachment", RIGHT_VIEW, "list", pages_list,
		list_params, NULL, "record/list", "attachment.list"),
	ROUTE(WRITE, POST, "/attachments/search", ON_BOTH, "attachment", RIGHT_VIEW, "search",
		pages_search, search_params, NULL, "", "attachment.search"),
	ROUTE(WRITE, POST, "/attachments", ON_API, "attachment", RIGHT_CREATE, "create",
		attachment_post, upload_params, "attachment", "", "attachment.create"),
	ROUTE(READ, GET, "/attachments/{id}", ON_BOTH, "attachment", RIGHT_VIEW, "view", pages_read,
		NULL, NULL, "record/single", "attachment.read"),
	ROUTE(STREAM, GET, "/attachments/{id}/content", ON_BOTH, "attachment", RIGHT_VIEW,
		"download", attachment_content, NULL, NULL, "", "attachment.content"),
	ROUTE(READ, GET, "/attachments/{id}/edit", ON_PAGE, "attachment", RIGHT_EDIT, "view",
		pages_edit, NULL, NULL, "record/form", "attachment.edit"),
	ROUTE(CHANGE, POST, "/attachments/{id}/edit", ON_PAGE, "attachment", RIGHT_EDIT, "update",
		pages_update, NULL, "attachment", "record/form", "attachment.save"),
	ROUTE(CHANGE, PATCH, "/attachments/{id}", ON_API, "attachment", RIGHT_EDIT, "update",
		pages_update, NULL, "attachment", "", "attachment.update"),
	ROUTE(CHANGE, POST, "/attachments/{id}/archive", ON_PAGE, "attachment", RIGHT_DELETE,
		"archive", pages_archive, NULL, NULL, "", "attachment.archive"),
	ROUTE(CHANGE, DELETE, "/attachments/{id}", ON_API, "attachment", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "attachment.delete"),
	ROUTE(CHANGE, POST, "/attachments/{id}/restore", ON_BOTH, "attachment", RIGHT_DELETE,
		"restore", pages_restore, NULL, NULL, "", "attachment.restore"),
	ROUTE(READ, GET, "/contacts/{id}/attachments", ON_API, "attachment", RIGHT_VIEW, "list",
		pages_children, list_params, NULL, "", "attachment.of_contact"),
	ROUTE(WRITE, POST, "/contacts/{id}/attachments", ON_BOTH, "attachment", RIGHT_CREATE,
		"create", attachment_add, add_params, "attachment", "record/form",
		"attachment.add"),
	ROUTE(READ, GET, "/contacts/{id}/attachments/new", ON_PAGE, "attachment", RIGHT_CREATE,
		"view", attachment_new_page, new_params, NULL, "record/form", "attachment.new"),
	ROUTE_END,
};
