/* SPDX-License-Identifier: ISC */
/* A receipt of an erasure as PDF: its words as they are now, of which a job makes the paper. */
#include <string.h>

#include "controls.h"
#include "erase.h"
#include "erase_part.h"
#include "event.h"
#include "job.h"
#include "law_words.h"
#include "model.h"

static struct json_object *
part(struct json_object *parts, const char *title)
{
	struct json_object *o = model_item(parts);

	model_text(o, "title", title);
	return model_list(o, "rows");
}

static void
row(struct json_object *rows, const char *label, const char *text)
{
	struct json_object *o = model_item(rows);

	model_text(o, "label", label);
	model_text(o, "text", text);
}

static const char *
text_at(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void
add_counts(struct request *rq, struct json_object *cleared, struct json_object *rows)
{
	static const char *const names[] = {
		"messages", "activities", "attachments", "exports", NULL};

	for (const char *const *n = names; *n != NULL; n++)
		row(rows, say_word(rq, "receipt", *n),
			number_text(
				rq->a, json_object_get_int64(json_object_object_get(cleared, *n))));
	row(rows, say(rq, "receipt.old_values"), say(rq, "receipt.unreadable"));
}

static void
add_fields(struct request *rq, struct json_object *names, struct json_object *rows)
{
	struct sb sb;

	sb_init(&sb, rq->a, 32768);
	for (size_t i = 0; i < json_object_array_length(names); i++)
		sb_printf(&sb, "%s%s", i > 0 ? ", " : "",
			json_object_get_string(json_object_array_get_idx(names, i)));
	row(rows, say(rq, "receipt.fields"), sb.n > 0 ? sb.p : say(rq, "common.none"));
}

static void
add_kept(struct request *rq, struct json_object *kept, struct json_object *rows)
{
	size_t n = json_object_array_length(kept);

	for (size_t i = 0; i < n; i++) {
		struct json_object *k = json_object_array_get_idx(kept, i);

		row(rows, text_at(k, "what"),
			arena_printf(rq->a, "%s\n%s: %s\n%s: %s",
				number_text(rq->a,
					json_object_get_int64(json_object_object_get(k, "count"))),
				say(rq, "receipt.law"),
				law_shown(rq->a, request_lang(rq), text_at(k, "law")),
				say(rq, "receipt.until"),
				text_at(k, "until") != NULL ? text_at(k, "until") : "-"));
	}
	if (n == 0)
		row(rows, say(rq, "receipt.what"), say(rq, "receipt.nothing_kept"));
}

/* Each with what was decided; numbers alone. */
static void
add_remains(struct request *rq, struct json_object *remains, struct json_object *rows)
{
	size_t n = json_object_array_length(remains);

	row(rows, say(rq, "receipt.count"), number_text(rq->a, (int64_t)n));
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(remains, i);
		const char *word = text_at(o, "word"), *why = text_at(o, "why");

		row(rows, text_at(o, "label"),
			word == NULL ? say(rq, "receipt.undecided")
			: why == NULL
				? arena_printf(rq->a, "%s (%s)", word, text_at(o, "day"))
				: arena_printf(rq->a, "%s (%s): %s", word, text_at(o, "day"), why));
	}
}

/* What the page says, as parts of a paper. */
static void
fill(struct request *rq, const struct record_ctx *cx, struct json_object *o,
	struct json_object *args)
{
	struct json_object *page = model_object(rq->a), *parts = model_list(args, "parts"), *rows,
			   *stages = json_object_object_get(o, "stages");

	erase_receipt_words(cx, o, page);
	rows = part(parts, view_text(rq->a, cx->lang, "receipt.of", text_at(o, "contact")));
	row(rows, say(rq, "receipt.when"), text_at(json_object_array_get_idx(stages, 0), "when"));
	/* Whose name it is stays out of the job; the worker puts it in. */
	row(rows, say(rq, "receipt.by"), NULL);
	model_bool(
		json_object_array_get_idx(rows, json_object_array_length(rows) - 1), "who", true);
	row(rows, say(rq, "receipt.reason"), text_at(page, "reason"));
	rows = part(parts, say(rq, "receipt.stages"));
	for (size_t i = 0; i < json_object_array_length(stages); i++) {
		struct json_object *s = json_object_array_get_idx(stages, i);

		row(rows, text_at(s, "label"),
			text_at(s, "when") != NULL ? text_at(s, "when")
						   : say(rq, "receipt.waiting"));
	}
	rows = part(parts, say(rq, "receipt.cleared"));
	add_fields(rq, json_object_object_get(page, "fields"), rows);
	add_counts(rq, json_object_object_get(o, "cleared"), rows);
	add_kept(rq, json_object_object_get(page, "kept"), part(parts, say(rq, "receipt.kept")));
	add_remains(rq, json_object_object_get(page, "remains"),
		part(parts, say(rq, "receipt.remains")));
}

static struct err *
make(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = model_object(rq->a), *args = model_object(rq->a);
	int64_t id = request_id(rq, 0), job;

	TRY(erase_receipt(&cx, id, o));
	fill(rq, &cx, o, args);
	model_i64(args, "contact", id);
	model_i64(args, "erasure", json_object_get_int64(json_object_object_get(o, "id")));
	model_text(args, "language", lang_tag(request_lang(rq)));
	TRY(job_enqueue(rq->tx, rq->a, "erase_receipt", args, NULL, rq->principal->user_id, &job));
	audit_queue_one(rq->tx, rq->a, "export", "contact", id, id, NULL);
	rp->status = 202;
	if (rq->api)
		model_i64(response_data(rp), "job", job);
	response_go(rp, rq, "/jobs/%lld", (long long)job);
	return NULL;
}

const struct route receipt_routes[] = {
	ROUTE(WRITE, POST, "/contacts/{id}/erase/pdf", ON_BOTH, "contact", RIGHT_ERASE, "export",
		make, NULL, NULL, "", "erase.pdf"),
	ROUTE_END,
};
