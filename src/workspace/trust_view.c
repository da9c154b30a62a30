/* SPDX-License-Identifier: ISC */
/* The trust page: each question with its answer in words and the facts it rests on. */
#include "trust.h"

#include "controls.h"
#include "date.h"
#include "law_words.h"

/* One answer in the making. */
struct answer {
	struct request *rq;
	struct json_object *item, *facts;
	struct json_object *in; /* its part of the model */
};

static struct json_object *
member(struct json_object *o, const char *name)
{
	return json_object_object_get(o, name);
}

static const char *
word(const struct answer *w, const char *key)
{
	return say_word(w->rq, "trust", key);
}

static void
fact(const struct answer *w, const char *label, const char *text)
{
	struct json_object *o;

	if (text == NULL)
		return;
	o = model_item(w->facts);
	model_text(o, "label", label);
	model_text(o, "text", text);
}

static void
put_text(const struct answer *w, const char *key, const char *name)
{
	fact(w, word(w, key), json_object_get_string(member(w->in, name)));
}

static void
put_number(const struct answer *w, const char *key, const char *name)
{
	fact(w, word(w, key), number_text(w->rq->a, json_object_get_int64(member(w->in, name))));
}

/* never: what is said when there was no such moment; NULL: nothing. */
static void
put_moment(const struct answer *w, const char *key, const char *name, const char *never)
{
	const char *text = json_object_get_string(member(w->in, name));
	int64_t usec;

	if (text != NULL && time_parse(text, &usec))
		fact(w, word(w, key), time_show(w->rq->a, usec, lang_tag(request_lang(w->rq))));
	else if (never != NULL)
		fact(w, word(w, key), word(w, never));
}

static void
put_day(const struct answer *w, const char *key, const char *name)
{
	const char *text = json_object_get_string(member(w->in, name));

	if (text != NULL)
		fact(w, word(w, key), date_show(w->rq->a, text, lang_tag(request_lang(w->rq))));
}

static const char *
period(const struct answer *w, const char *unit, int64_t n)
{
	return view_text(w->rq->a, request_lang(w->rq), arena_printf(w->rq->a, "trust.%s", unit),
		arena_printf(w->rq->a, "%lld", (long long)n));
}

static void
put_period(const struct answer *w, const char *key, const char *unit, const char *name)
{
	fact(w, word(w, key), period(w, unit, json_object_get_int64(member(w->in, name))));
}

/* law NULL: none sets it. */
static void
put_term(const struct answer *w, const char *label, const char *unit, int64_t n, const char *law)
{
	const char *text = period(w, unit, n);

	law = law_shown(w->rq->a, request_lang(w->rq), law);
	fact(w, label, law != NULL ? arena_printf(w->rq->a, "%s (%s)", text, law) : text);
}

static struct answer
begin(struct request *rq, struct response *rp, const char *question, const char *part,
	const char *url)
{
	struct json_object *page = response_page(rp), *list = member(page, "answers"), *o;
	struct answer w = {.rq = rq, .in = member(response_data(rp), part)};

	if (list == NULL)
		list = model_list(page, "answers");
	o = model_item(list);
	model_text(o, "id", question);
	model_text(o, "title", say_word(rq, "trust.q", question));
	model_text(o, "text", say_word(rq, "trust.a", question));
	model_text(o, "url", url);
	w.item = o;
	w.facts = model_list(o, "facts");
	return w;
}

static void
where(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "where", "place", NULL);
	const char *region = json_object_get_string(member(w.in, "region"));

	fact(&w, say_word(rq, "place", "region"), say_word(rq, "region", region));
	fact(&w, word(&w, "law"), say_word(rq, "place.law", region));
	fact(&w, say_word(rq, "place", "database"),
		json_object_get_string(member(w.in, "database")));
	fact(&w, "PostgreSQL", json_object_get_string(member(w.in, "version")));
	fact(&w, say_word(rq, "place", "folder"), json_object_get_string(member(w.in, "files")));
}

static void
requests(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "requests", "requests", "/privacy/requests");
	struct json_object *all = w.in;

	model_text(w.item, "title",
		view_text(rq->a, request_lang(rq), "trust.q.requests",
			number_text(rq->a, json_object_get_int64(
						   member(member(all, "access_reply"), "days")))));
	for (size_t i = 0; i < 2; i++) {
		const char *code = i == 0 ? "access_reply" : "correction_reply";
		struct json_object *reply = member(all, code);

		put_term(&w, word(&w, code), "days", json_object_get_int64(member(reply, "days")),
			json_object_get_string(member(reply, "law")));
	}
	put_number(&w, "open", "open");
	put_number(&w, "overdue", "overdue");
	put_number(&w, "officers", "officers");
	put_day(&w, "holidays", "holidays_until");
	put_text(&w, "form", "form");
}

static void
retention(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "retention", "retention", NULL);

	for (size_t i = 0; i < json_object_array_length(w.in); i++) {
		struct json_object *o = json_object_array_get_idx(w.in, i);

		put_term(&w, say_word(rq, "trust.keep", json_object_get_string(member(o, "what"))),
			json_object_get_string(member(o, "unit")),
			json_object_get_int64(member(o, "n")),
			json_object_get_string(member(o, "law")));
	}
}

static void
access_to_it(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "access", "access", "/settings/support");

	put_number(&w, "users", "users");
	put_number(&w, "second_step", "with_second_step");
	put_number(&w, "administrators", "administrators");
	put_number(&w, "threshold", "export_threshold");
	w.in = member(w.in, "operator");
	put_number(&w, "operators", "people");
	put_number(&w, "grants_open", "grants_open");
	put_number(&w, "grants_given", "grants_given");
	put_moment(&w, "grants_last", "last_until", NULL);
}

static void
leaving(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "closing", "closing", "/workspace");

	put_period(&w, "grace", "days", "days");
	put_moment(&w, "closes", "closes_at", "closes_not");
	put_moment(&w, "exported", "last_export_at", "never");
	put_period(&w, "link", "hours", "download_hours");
}

static void
audit(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "audit", "audit", "/settings/audit");
	struct json_object *last = member(w.in, "last_check");

	put_period(&w, "log_kept", "months", "keep_months");
	put_day(&w, "log_from", "from");
	if (last == NULL) {
		fact(&w, word(&w, "checked"), word(&w, "never"));
		return;
	}
	w.in = last;
	put_moment(&w, "checked", "at", NULL);
	fact(&w, word(&w, "result"),
		word(&w, json_object_get_boolean(member(last, "whole")) ? "whole" : "not_whole"));
}

static void
breach(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "breach", "breach", "/privacy/incidents");

	put_number(&w, "incidents", "incidents_open");
	put_day(&w, "log_from", "log_from");
}

static void
processors(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "processors", "processors", "/settings/sources");

	for (size_t i = 0; i < json_object_array_length(w.in); i++) {
		struct json_object *o = json_object_array_get_idx(w.in, i);
		const char *who = json_object_get_string(member(o, "who"));

		fact(&w, json_object_get_string(member(o, "name")),
			who != NULL ? who
				    : say_word(rq, "trust.processor",
					      json_object_get_string(member(o, "what"))));
	}
}

static void
encryption(struct request *rq, struct response *rp)
{
	struct answer w = begin(rq, rp, "encryption", "encryption", NULL);

	put_text(&w, "in_transit", "in_transit");
	put_moment(&w, "certificate", "certificate_until", NULL);
	put_text(&w, "at_rest", "at_rest");
	put_number(&w, "fields", "fields_encrypted");
	put_number(&w, "personal", "fields_personal");
	fact(&w, word(&w, "master_key"),
		say_word(rq, "trust.key", json_object_get_string(member(w.in, "master_key"))));
}

static void
backups(struct request *rq, struct response *rp)
{
	struct json_object *in = member(response_data(rp), "backups");
	bool made = json_object_get_boolean(member(in, "made"));
	struct answer w = begin(rq, rp, made ? "backups" : "no_backups", "backups", NULL);

	if (made) {
		put_period(&w, "every", "hours", "every_hours");
		put_moment(&w, "newest", "last_at", "none_yet");
	}
	put_period(&w, "kept", "days", "keep_days");
}

void
trust_words(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *data = response_data(rp);
	int64_t at = 0;

	model_text(page, "title", say(rq, "trust.title"));
	model_crumb(page, say(rq, "settings.title"), "/settings");
	if (time_parse(json_object_get_string(member(data, "at")), &at))
		model_text(page, "as_of",
			view_text(rq->a, request_lang(rq), "trust.as_of",
				time_show(rq->a, at, lang_tag(request_lang(rq)))));
	where(rq, rp);
	begin(rq, rp, "person", "place", "/contacts");
	requests(rq, rp);
	retention(rq, rp);
	access_to_it(rq, rp);
	leaving(rq, rp);
	audit(rq, rp);
	breach(rq, rp);
	processors(rq, rp);
	encryption(rq, rp);
	backups(rq, rp);
}
