/* SPDX-License-Identifier: ISC */
/* What a change means, in sentences and in numbers. */
#include <string.h>

#include "controls.h"
#include "effect.h"
#include "log.h"
#include "model.h"

/* More fields than these are "and 12 more fields". */
#define FIELDS_NAMED 8
#define WORDS_MAX (FIELDS_NAMED + ENTITY_MAX + 1)

/* Words of one sentence: "1,204 contacts, 3 invoices and the field HKID number". */
struct words {
	const char **list;
	size_t n, more; /* more: fields that are not named */
};

static struct words
words_new(struct arena *a)
{
	return (struct words){ARENA_ARRAY(a, WORDS_MAX, const char *), 0, 0};
}

static void
word_add(struct words *w, const char *word)
{
	ASSERT(w->n < WORDS_MAX);
	w->list[w->n++] = word;
}

static void
words_append(struct words *w, const struct words *more)
{
	for (size_t i = 0; i < more->n; i++)
		word_add(w, more->list[i]);
	w->more += more->more;
}

static const char *
join(const struct request *rq, struct words *w)
{
	bool chinese = request_lang(rq) == LANG_ZH;
	struct sb sb;

	if (w->more > 0)
		word_add(w, count_text(rq, "profiles.more", (int64_t)w->more));
	sb_init(&sb, rq->a, 16384);
	for (size_t i = 0; i < w->n; i++) {
		if (i > 0 && i == w->n - 1)
			sb_puts(&sb, chinese ? "和" : " and ");
		else if (i > 0)
			sb_puts(&sb, chinese ? "、" : ", ");
		sb_puts(&sb, w->list[i]);
	}
	return sb.p;
}

/* Fields that come into sight, or out of it; masked is not quite in sight. */
static void
add_fields(const struct request *rq, const struct effect *fx, bool gain, struct words *w)
{
	const struct profile *a = gain ? fx->from : fx->to, *b = gain ? fx->to : fx->from;

	for (size_t i = 0; i < rq->catalogue->n; i++) {
		const struct field *f = &rq->catalogue->fields[i];
		enum field_level less = profile_level_held(a, f), more = profile_level_held(b, f);
		const char *label = field_label(f, request_lang(rq));

		if (!field_is_live(f) || more <= less || less >= LEVEL_READ)
			continue;
		if (field_is_note(f) || scopes_cap(a->scopes[f->entity]) == LEVEL_HIDDEN)
			continue; /* the records say it already */
		if (w->n >= FIELDS_NAMED) {
			w->more++;
			continue;
		}
		word_add(w, view_text(rq->a, request_lang(rq),
				    less == LEVEL_MASKED   ? "profiles.field.in_full"
				    : more == LEVEL_MASKED ? "profiles.field.masked"
							   : "profiles.field.plain",
				    label));
	}
}

/* Whom one thing concerns, and what it is called: one word of a sentence. */
struct item {
	const bool *whom; /* by user */
	int64_t users;
	const char *word;
};

static int64_t
amount(const struct effect_user *u, int e, bool gain)
{
	return gain ? u->counts[e].gained : u->counts[e].lost;
}

/* "1,204 contacts", or "20–33 contacts" where it is not the same for all. */
static const char *
records_word(const struct request *rq, int e, int64_t least, int64_t most)
{
	const char *name = entity_name((enum entity)e);

	if (least == most)
		return count_text(rq, arena_printf(rq->a, "profiles.records.%s", name), most);
	return view_text(rq->a, request_lang(rq),
		arena_printf(rq->a, "profiles.records.%s.many", name),
		arena_printf(rq->a, "%s–%s", number_text(rq->a, least), number_text(rq->a, most)));
}

static bool
add_records(const struct request *rq, const struct effect *fx, int e, bool gain, struct item *item)
{
	bool *whom = ARENA_ARRAY(rq->a, fx->nusers + 1, bool);
	int64_t least = INT64_MAX, most = 0;

	item->users = 0;
	for (size_t i = 0; i < fx->nusers; i++) {
		int64_t n = amount(&fx->users[i], e, gain);

		whom[i] = n > 0;
		if (n == 0)
			continue;
		item->users++;
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	if (item->users == 0)
		return false;
	item->whom = whom;
	item->word = records_word(rq, e, least, most);
	return true;
}

/* "3 users gain 1,204 contacts and the field HKID number." */
static void
add_sentence(const struct request *rq, int64_t users, struct words *w, bool gain,
	struct json_object *list)
{
	const char *who = count_text(rq, "profiles.who", users), *what;

	what = view_text(rq->a, request_lang(rq),
		arena_printf(rq->a, "profiles.%s.%s", gain ? "gains" : "loses",
			users == 1 ? "one" : "many"),
		join(rq, w));
	model_push_text(list,
		arena_printf(rq->a, "%s%s%s", who, request_lang(rq) == LANG_ZH ? "" : " ", what));
}

/* One sentence for all that happens to the same people; fields happen to all. */
static void
add_sentences(
	const struct request *rq, const struct effect *fx, bool gain, struct json_object *list)
{
	struct item items[ENTITY_MAX];
	bool said[ENTITY_MAX] = {false};
	struct words fields = words_new(rq->a);
	size_t n = 0;

	for (int e = 0; e < ENTITY_MAX; e++)
		n += add_records(rq, fx, e, gain, &items[n]);
	if (fx->nusers > 0)
		add_fields(rq, fx, gain, &fields);
	for (size_t i = 0; i < n; i++) {
		struct words w = words_new(rq->a);

		if (said[i])
			continue;
		for (size_t k = i; k < n; k++) {
			if (said[k] || memcmp(items[i].whom, items[k].whom, fx->nusers) != 0)
				continue;
			said[k] = true;
			word_add(&w, items[k].word);
		}
		if (items[i].users == (int64_t)fx->nusers) {
			words_append(&w, &fields);
			fields.n = fields.more = 0;
		}
		add_sentence(rq, items[i].users, &w, gain, list);
	}
	if (fields.n > 0)
		add_sentence(rq, (int64_t)fx->nusers, &fields, gain, list);
}

static struct json_object *
summary(const struct request *rq, const struct effect *fx, struct json_object *o)
{
	struct json_object *list = model_list(o, "summary");

	add_sentences(rq, fx, true, list);
	add_sentences(rq, fx, false, list);
	return list;
}

static void
add_counts(const struct effect *fx, const struct effect_user *u, struct json_object *o)
{
	for (int e = 0; e < ENTITY_MAX; e++) {
		const struct effect_count *c = &u->counts[e];
		struct json_object *item;

		if (!fx->counted[e])
			continue;
		item = model_child(o, entity_name((enum entity)e));
		model_i64(item, "before", c->before);
		model_i64(item, "after", c->after);
		model_i64(item, "gained", c->gained);
		model_i64(item, "lost", c->lost);
	}
}

void
effect_model(struct request *rq, const struct effect *fx, struct json_object *o)
{
	struct json_object *list = model_list(o, "changes");

	for (size_t i = 0; i < fx->n; i++) {
		struct json_object *c = model_item(list);

		model_text(c, "key", fx->changes[i].key);
		model_text(c, "was", fx->changes[i].was);
		model_text(c, "becomes", fx->changes[i].becomes);
	}
	list = model_list(o, "users");
	for (size_t i = 0; i < fx->nusers; i++) {
		struct json_object *u = model_item(list);

		model_i64(u, "id", fx->users[i].id);
		model_text(u, "name", fx->users[i].name);
		add_counts(fx, &fx->users[i], model_child(u, "records"));
	}
	model_bool(o, "counted", !fx->late);
	summary(rq, fx, o);
}

static void
add_changes(struct request *rq, const struct effect *fx, struct json_object *page)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *list = model_list(page, "changes");

	for (size_t i = 0; i < fx->n; i++) {
		const struct profile_change *c = &fx->changes[i];
		struct json_object *o;

		if (c->field != NULL && !field_is_live(c->field))
			continue;
		o = model_item(list);
		model_text(o, "label", profile_key_label(&cx, c->key));
		model_text(o, "before", profile_word(&cx, c->key, c->was));
		model_text(o, "after", profile_word(&cx, c->key, c->becomes));
		model_bool(o, "more", c->more);
	}
}

/* Who has how many records now and then, of the kinds that were counted. */
static void
add_table(const struct request *rq, const struct effect *fx, struct json_object *page)
{
	struct json_object *columns = model_list(page, "kinds"), *rows = model_list(page, "people");

	for (int e = 0; e < ENTITY_MAX; e++)
		if (fx->counted[e])
			model_push_text(columns, say(rq, arena_printf(rq->a, "entity.%s.many",
								 entity_name((enum entity)e))));
	for (size_t i = 0; i < fx->nusers; i++) {
		const struct effect_user *u = &fx->users[i];
		struct json_object *row = model_item(rows), *cells = model_list(row, "cells");

		model_text(row, "name", u->name);
		for (int e = 0; e < ENTITY_MAX; e++) {
			struct json_object *c;

			if (!fx->counted[e])
				continue;
			c = model_item(cells);
			model_text(c, "label",
				say(rq, arena_printf(rq->a, "entity.%s.many",
						entity_name((enum entity)e))));
			model_i64(c, "before", u->counts[e].before);
			model_i64(c, "after", u->counts[e].after);
			model_i64(c, "gained", u->counts[e].gained);
			model_i64(c, "lost", u->counts[e].lost);
		}
	}
}

void
effect_page(struct request *rq, const struct effect *fx, struct json_object *page)
{
	struct json_object *said = summary(rq, fx, page);

	add_changes(rq, fx, page);
	add_table(rq, fx, page);
	model_bool(page, "late", fx->late);
	if (json_object_array_length(said) == 0)
		model_text(page, "nothing",
			say(rq, fx->n == 0        ? "profiles.no_change"
				: fx->nusers == 0 ? "profiles.nobody_has_it"
						  : "profiles.nothing_more_seen"));
}

static void
carry_one(struct json_object *page, const char *name, struct json_object *v)
{
	struct json_object *list = json_object_object_get(page, "carried"), *o;

	if (json_object_is_type(v, json_type_array))
		v = json_object_array_get_idx(v, json_object_array_length(v) - 1);
	o = model_item(list != NULL ? list : model_list(page, "carried"));
	model_text(o, "name", name);
	model_text(o, "value", json_object_get_string(v));
}

void
effect_carry(struct request *rq, const char *const *names, struct json_object *page)
{
	for (; *names != NULL; names++) {
		struct json_object *v = request_value(rq, *names);

		if (!json_object_is_type(v, json_type_object)) {
			if (request_has(rq, *names))
				carry_one(page, *names, v);
			continue;
		}
		json_object_object_foreach(v, key, inner)
			carry_one(page, arena_printf(rq->a, "%s[%s]", *names, key), inner);
	}
}
