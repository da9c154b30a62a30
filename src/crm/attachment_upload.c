/* SPDX-License-Identifier: ISC */
/* Adding a file to a person: the bytes are in the store when a handler starts. */
#include "attachment.h"

#include "child.h"
#include "text.h"

STMT(message_of, "message.of_contact", 2,
	"select 1 from message where message_id = $1::bigint and contact_id = $2::bigint");
STMT(activity_of, "activity.of_contact", 2,
	"select 1 from activity where activity_id = $1::bigint and contact_id = $2::bigint");

static void
put_text(const struct record_ctx *cx, struct changes *c, const char *field, const char *text)
{
	changes_put(cx, c, ENTITY_ATTACHMENT, field,
		(struct value){.text = text, .val = val_text(text)});
}

/* A file may hang on a message or an activity of the same person. */
static struct err *
check_place(struct request *rq, const struct attachment_new *in, struct err **e)
{
	struct rows *m = NULL, *v = NULL;

	if (in->message_id != 0)
		tx_queue(rq->tx, &message_of,
			VALS(val_i64(in->message_id), val_i64(in->contact_id)), &m);
	if (in->activity_id != 0)
		tx_queue(rq->tx, &activity_of,
			VALS(val_i64(in->activity_id), val_i64(in->contact_id)), &v);
	if (in->message_id == 0 && in->activity_id == 0)
		return NULL;
	TRY(tx_run(rq->tx));
	if (m != NULL && rows_count(m) == 0)
		err_add_field(rq->a, e, "message_id", "error.reference", NULL);
	if (v != NULL && rows_count(v) == 0)
		err_add_field(rq->a, e, "activity_id", "error.reference", NULL);
	return NULL;
}

/* The name that is kept: as given, else as the file came. Both are values of
 * the field, with its limits and its refusal of card numbers. */
static void
check_name(const struct record_ctx *cx, const struct upload *u, struct changes *c, struct err **e)
{
	const struct field *f = catalogue_find(cx->cat, ENTITY_ATTACHMENT, "file_name");
	const struct change *given = changes_find(c, "file_name");
	struct json_object *in;
	struct err *bad = NULL;
	struct value v;

	if (given != NULL && !given->value.null) {
		put_text(cx, c, "file_name", text_file_name(cx->a, given->value.text));
		return;
	}
	in = json_object_new_string(u->file_name);
	if (value_parse(cx->a, f, cx->cat->currency, in, &v, &bad))
		changes_put(cx, c, ENTITY_ATTACHMENT, "file_name", v);
	else
		err_add_field(cx->a, e, "file", bad->fields->key, bad->fields->arg);
	json_object_put(in);
}

static struct err *
check_upload(struct request *rq, const struct record_ctx *cx, const struct attachment_new *in,
	struct changes *c)
{
	static const char *const extra[] = {
		"file", "contact_id", "message_id", "activity_id", NULL};
	const struct upload *u = request_file(rq, "file");
	const struct child_state nothing = {0};
	struct err *e;

	/* Any other error than of fields ends it here. */
	e = changes_parse(cx, ENTITY_ATTACHMENT, rq->body, extra, true, c);
	if (e != NULL && e->kind != ERR_INVALID)
		return e;
	if (in->contact_id == 0)
		err_add_field(rq->a, &e, "contact_id", "error.required", NULL);
	if (u == NULL)
		err_add_field(rq->a, &e, "file", "error.required", NULL);
	else if (u->size == 0)
		err_add_field(rq->a, &e, "file", "error.file_empty", NULL);
	else
		check_name(cx, u, c, &e);
	child_check(cx, 0, &nothing, c, &e);
	TRY(check_place(rq, in, &e));
	return e;
}

static struct json_object *
form_input(struct json_object *fields, const char *name, const char *type, const char *label)
{
	struct json_object *o = model_item(fields);

	model_text(o, "name", name);
	model_text(o, "type", type);
	model_text(o, "label", label);
	return o;
}

static void
hidden_id(struct json_object *fields, const char *name, int64_t id)
{
	if (id != 0)
		model_i64(form_input(fields, name, "hidden", NULL), "value", id);
}

/* The file first, then what else can be said of it. What was chosen cannot be
 * put back into a file input; the rest is. */
static struct err *
upload_form(struct request *rq, struct response *rp, const struct attachment_new *in,
	const struct err *refused)
{
	static const char *const leave_out[] = {"file_name", NULL};
	struct json_object *o = response_page(rp), *rest, *first, *fields;
	struct model_lists *lists;
	struct record_ctx cx;

	if (refused != NULL)
		TRY(response_again(rp, rq, refused));
	cx = record_ctx_of(rq);
	lists = model_lists(&cx);
	TRY(pages_form_of_contact(rq, rp, ENTITY_ATTACHMENT, in->contact_id));
	model_form(&cx, ENTITY_ATTACHMENT, NULL, refused != NULL ? rq->body : NULL, lists,
		leave_out, o);
	rest = json_object_get(json_object_object_get(o, "groups"));
	first = model_item(model_list(o, "groups"));
	model_text(first, "label", view_text(rq->a, cx.lang, "entity.attachment.one", NULL));
	fields = model_list(first, "fields");
	model_bool(form_input(fields, "file", "file",
			   view_text(rq->a, cx.lang, "attachment.file", NULL)),
		"required", true);
	hidden_id(fields, "message_id", in->message_id);
	hidden_id(fields, "activity_id", in->activity_id);
	for (size_t i = 0; i < json_object_array_length(rest); i++)
		json_object_array_add(json_object_object_get(o, "groups"),
			json_object_get(json_object_array_get_idx(rest, i)));
	json_object_put(rest);
	model_bool(o, "upload", true);
	return NULL;
}

static struct err *
upload(struct request *rq, struct response *rp, int64_t contact)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct attachment_new in = {.contact_id = contact};
	const struct upload *u = request_file(rq, "file");
	struct changes c;
	struct err *e;
	int64_t id;

	in.message_id = request_i64(rq, "message_id", 0);
	in.activity_id = request_i64(rq, "activity_id", 0);
	e = check_upload(rq, &cx, &in, &c);
	if (e != NULL && !rq->api && e->kind == ERR_INVALID && contact != 0)
		return upload_form(rq, rp, &in, e);
	TRY(e);
	in.content_type = u->content_type;
	in.object = u->object;
	in.object_key = u->key;
	in.size = u->size;
	in.sha256 = u->sha256;
	TRY(attachment_create(&cx, &in, &c, &id));
	response_flash(rp, "flash.created");
	TRY(pages_answer(rq, rp, ENTITY_ATTACHMENT, id, 201, &c));
	if (rq->api)
		return NULL;
	if (in.message_id != 0)
		response_go(rp, rq, "/messages/%lld", (long long)in.message_id);
	else if (in.activity_id != 0)
		response_go(rp, rq, "/activities/%lld", (long long)in.activity_id);
	else
		response_go(rp, rq, "/contacts/%lld", (long long)contact);
	return NULL;
}

struct err *
attachment_post(struct request *rq, struct response *rp)
{
	return upload(rq, rp, request_i64(rq, "contact_id", 0));
}

struct err *
attachment_add(struct request *rq, struct response *rp)
{
	TRY(pages_contact_open(rq, request_id(rq, 0)));
	return upload(rq, rp, request_id(rq, 0));
}

struct err *
attachment_new_page(struct request *rq, struct response *rp)
{
	struct attachment_new in = {.contact_id = request_id(rq, 0)};
	struct record_ctx cx = record_ctx_of(rq);

	in.message_id = request_i64(rq, "message_id", 0);
	in.activity_id = request_i64(rq, "activity_id", 0);
	TRY(pages_contact_open(rq, in.contact_id));
	TRY(record_add_allowed(&cx, ENTITY_ATTACHMENT, in.contact_id));
	return upload_form(rq, rp, &in, NULL);
}
