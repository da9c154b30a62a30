/* SPDX-License-Identifier: ISC */
/* The page and the API that show what a law keeps of an erased person. */
#include <string.h>

#include "attachment.h"
#include "controls.h"
#include "date.h"
#include "erase_part.h"
#include "event.h"
#include "kept_law.h"
#include "law_words.h"
#include "num.h"

STMT(erased, "kept_law.erased", 1,
	"select erased_at is not null from contact where contact_id = $1::bigint");
STMT(widen_file, "kept_law.widen_file", 0, "select gate_widen()");
/* The file's own key lies under that of its day, which goes with the day. */
STMT(file, "kept_law.file", 2,
	"select f.attachment_id, f.object, f.object_key, f.size, x.sealed, null::text, t.key_id, "
	"k.wrapped from attachment f join erasure e using (contact_id) "
	"join erasure_term t on t.erasure_id = e.erasure_id and t.until = f.kept_until "
	"join data_key k on k.key_id = t.key_id "
	"left join erasure_text x on x.erasure_id = t.erasure_id and x.until = t.until "
	"and x.entity = 'attachment' and x.record_id = f.attachment_id "
	"where f.contact_id = $1::bigint and f.attachment_id = $2::bigint "
	"and f.kept_until >= hk_today() and f.object_key is not null");

static const char *const reasons[] = {"authority", "books", "legal", "complaint", NULL};

/* NOT_FOUND when the person is not visible, or not erased. */
static struct err *
must_be_erased(struct request *rq, int64_t contact_id)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &erased, VALS(val_i64(contact_id)), &r));
	if (rows_count(r) == 0 || !rows_bool(r, 0, 0))
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return NULL;
}

static void
add_reasons(struct request *rq, struct json_object *page)
{
	struct json_object *f = form_field(rq, model_list(page, "fields"), "choice", "reason",
		say(rq, "kept_law.reason"), NULL);

	form_required(f);
	form_words(rq, f, reasons, "reason");
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp);

	TRY(must_be_erased(rq, request_id(rq, 0)));
	model_i64(page, "contact", request_id(rq, 0));
	add_reasons(rq, page);
	return NULL;
}

static const char *
label_of(const struct record_ctx *cx, const char *what, const char *name)
{
	enum entity e = entity_parse(what);
	const struct field *f;

	if (strcmp(what, "bill_to") == 0)
		return view_text(
			cx->a, cx->lang, arena_printf(cx->a, "kept_law.bill_to.%s", name), NULL);
	f = catalogue_find(cx->cat, e != ENTITY_NONE ? e : ENTITY_CONTACT, name);
	return f != NULL ? field_label(f, cx->lang) : name;
}

/* A value of the answer as a person reads it. */
static const char *
shown_value(const struct record_ctx *cx, const char *what, const char *name, struct json_object *in)
{
	const struct field *f = strncmp(what, "field:", 6) == 0
					? catalogue_find(cx->cat, ENTITY_CONTACT, name)
					: NULL;
	struct err *e = NULL;
	struct value v;

	if (f == NULL || !value_parse(cx->a, f, cx->cat->currency, in, &v, &e))
		return json_object_get_string(in);
	return value_show(cx->a, f, cx->cat->currency, &v, cx->lang);
}

/* An item of the answer in words, for the page. */
static void
item_words(
	const struct record_ctx *cx, int64_t contact, struct json_object *in, struct json_object *o)
{
	const char *what = json_object_get_string(json_object_object_get(in, "what"));
	int64_t id = json_object_get_int64(json_object_object_get(in, "id"));
	bool is_field = strncmp(what, "field:", 6) == 0;
	struct json_object *list = model_list(o, "values");

	model_text(o, "title",
		view_text(cx->a, cx->lang,
			arena_printf(cx->a, "kept_law.%s", is_field ? "field" : what),
			is_field ? NULL : arena_printf(cx->a, "%lld", (long long)id)));
	if (strcmp(what, "bill_to") == 0)
		model_text(o, "url", arena_printf(cx->a, "/invoices/%lld", (long long)id));
	if (strcmp(what, "attachment") == 0)
		model_text(o, "file_url",
			arena_printf(cx->a, "/contacts/%lld/erase/kept/%lld", (long long)contact,
				(long long)id));
	model_text(o, "until",
		view_text(cx->a, cx->lang, "kept.until",
			date_show(cx->a,
				json_object_get_string(json_object_object_get(in, "until")),
				lang_tag(cx->lang))));
	model_text(o, "law",
		law_shown(cx->a, cx->lang,
			json_object_get_string(json_object_object_get(in, "law"))));
	json_object_object_foreach(json_object_object_get(in, "values"), name, v)
	{
		struct json_object *value;

		if (v == NULL)
			continue;
		value = model_item(list);
		model_text(value, "label", label_of(cx, what, name));
		model_text(value, "text", shown_value(cx, what, name, v));
	}
}

static struct err *
read_kept(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct json_object *items, *shown;
	struct err *e = NULL;
	const char *reason;

	TRY(must_be_erased(rq, id));
	reason = form_word(rq, "reason", reasons, &e);
	if (e != NULL && !rq->api) {
		TRY(response_again(rp, rq, e));
		return ask(rq, rp);
	}
	TRY(e);
	rp->secret = true;
	rp->subject_id = id;
	model_i64(response_data(rp), "contact", id);
	items = model_list(response_data(rp), "items");
	TRY(kept_law_read(&cx, id, reason, items));
	if (rq->api)
		return NULL;
	model_i64(response_page(rp), "contact", id);
	model_text(response_page(rp), "reason", reason);
	model_bool(response_page(rp), "read", true);
	shown = model_list(response_page(rp), "items");
	for (size_t i = 0; i < json_object_array_length(items); i++)
		item_words(&cx, id, json_object_array_get_idx(items, i), model_item(shown));
	return NULL;
}

/* Name and type, which are kept with the file. */
static void
file_named(const struct record_ctx *cx, const struct seal_key *day, const struct rows *r,
	struct response *rp)
{
	const char *place = erase_text_place(cx->a, "attachment", rows_i64(r, 0, 0));
	struct json_object *o;
	struct bytes plain;

	if (rows_null(r, 0, 4) ||
		!unseal_value(cx->a, day, place, rows_bytes(cx->a, r, 0, 4), &plain))
		return;
	o = model_own(cx->a, json_tokener_parse((const char *)plain.p));
	rp->file_name = json_object_get_string(json_object_object_get(o, "file_name"));
	rp->content_type =
		attachment_type(json_object_get_string(json_object_object_get(o, "content_type")));
}

/* The gate commits the event before the first byte goes out. */
static struct err *
read_file(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t contact = request_id(rq, 0), *ids = ARENA_ARRAY(rq->a, 1, int64_t);
	struct audit_event ev = {.action = "download", .entity = "attachment"};
	struct err *e = NULL;
	struct seal_key day;
	struct rows *r;

	TRY(must_be_erased(rq, contact));
	ev.reason = form_word(rq, "reason", reasons, &e);
	TRY(e);
	if (!num_parse_i64(rq->path_args[1], 1, INT64_MAX, ids))
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	tx_queue(rq->tx, &widen_file, NO_VALS, NULL);
	TRY(tx_query(rq->tx, &file, VALS(val_i64(contact), val_i64(*ids)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (!key_unwrap(rq->a, &rq->tenant->kek, "kept", rows_bytes(rq->a, r, 0, 7),
		    rows_i64(r, 0, 6), &day))
		return err_internal(rq->a, "the key of what a law keeps does not open");
	TRY(attachment_send(&cx, &day, r, rp));
	file_named(&cx, &day, r, rp);
	ev.records = ids;
	ev.subjects = arena_memdup(rq->a, &contact, sizeof(contact));
	ev.nrecords = ev.nsubjects = 1;
	audit_queue(rq->tx, rq->a, &ev);
	return NULL;
}

/* Asked for by the handlers, so that the form comes back. */
static const struct param reason_params[] = {
	{"reason", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};

const struct route kept_law_routes[] = {
	ROUTE(READ, GET, "/contacts/{id}/erase/kept", ON_PAGE, "contact", RIGHT_RUN_REQUESTS,
		"view", ask, NULL, NULL, "privacy/kept", "kept_law.ask"),
	ROUTE(WRITE, POST, "/contacts/{id}/erase/kept", ON_BOTH, "contact", RIGHT_RUN_REQUESTS,
		"reveal", read_kept, reason_params, NULL, "privacy/kept", "kept_law.read"),
	ROUTE(WRITE, POST, "/contacts/{id}/erase/kept/{token}", ON_BOTH, "contact",
		RIGHT_RUN_REQUESTS, "download", read_file, reason_params, NULL, "",
		"kept_law.file"),
	ROUTE_END,
};
