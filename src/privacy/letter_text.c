/* SPDX-License-Identifier: ISC */
/* What letters say: templates, their placeholders, and what is known of a case. */
#include "letter.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "money.h"

STMT(find_template, "letter.template", 2,
	"select subject, body from letter_template where letter = $1 and language = $2");
STMT(find_head, "letter.head", 1,
	"select name, address, contact, handler, statement from letter_head where language = $1");
/* The last step that the letter goes with, taken or prepared. */
STMT(find_step, "letter.step", 3,
	"select e.ground, e.note, e.data::text from request_event e where e.request_id = "
	"$1::bigint and case when e.action = 'prepare' then e.data->>'for' else e.action end in "
	"(select u.action from letter_use u where u.request_kind = $2 and u.letter = $3) "
	"order by e.event_id desc limit 1");
STMT(today, "letter.today", 0, "select hk_today()::text");

const char *const letter_languages[] = {"en", "zh-Hant", NULL};
const char *const letter_kinds[] = {"acknowledge", "clarify", "fee", "form_choice", "held",
	"not_held", "copy", "partial", "delay", "refuse", "no_disclosure", "corrected",
	"correction_refused", "recipient", "erasure", "opt_out", "withdrawn", NULL};
const char *const letter_places[] = {"reference", "name", "kind", "received", "due", "last_day",
	"today", "scope", "reasons", "ground", "fee", "fee_items", "complaint", "workspace",
	"handler", "contact", NULL};

/* What a letter cannot do without. */
static const struct {
	const char *letter;
	const char *places[4];
} needs[] = {
	{"acknowledge", {"reference", "last_day"}},
	{"clarify", {"reference", "reasons", "last_day"}},
	{"fee", {"reference", "fee", "fee_items"}},
	{"delay", {"reference", "reasons"}},
	{"partial", {"reference", "ground", "reasons", "complaint"}},
	{"refuse", {"reference", "ground", "reasons", "complaint"}},
	{"no_disclosure", {"reference", "complaint"}},
	{"correction_refused", {"reference", "ground", "reasons", "complaint"}},
};

/* The place that begins at p ("{name}"); NULL: none of ours. */
static const char *
place_at(const char *p, size_t *n_r)
{
	const char *end = *p == '{' ? strchr(p, '}') : NULL;

	if (end == NULL)
		return NULL;
	*n_r = (size_t)(end - p) + 1;
	for (const char *const *k = letter_places; *k != NULL; k++)
		if (strlen(*k) == *n_r - 2 && strncmp(*k, p + 1, *n_r - 2) == 0)
			return *k;
	return NULL;
}

const char *
letter_unknown_place(struct arena *a, const char *text)
{
	for (const char *p = strpbrk(text, "{}"); p != NULL; p = strpbrk(p, "{}")) {
		size_t n = 0;

		if (place_at(p, &n) == NULL)
			return arena_strndup(a, p, n > 0 && n < 40 ? n : 1);
		p += n;
	}
	return NULL;
}

static bool
has_place(const char *text, const char *place)
{
	for (const char *p = strchr(text, '{'); p != NULL; p = strchr(p + 1, '{')) {
		size_t n = 0;
		const char *here = place_at(p, &n);

		if (here != NULL && strcmp(here, place) == 0)
			return true;
	}
	return false;
}

const char *
letter_lacks_place(const char *letter, const char *subject, const char *body)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (strcmp(needs[i].letter, letter) != 0)
			continue;
		for (size_t k = 0; k < 4 && needs[i].places[k] != NULL; k++)
			if (!has_place(subject, needs[i].places[k]) &&
				!has_place(body, needs[i].places[k]))
				return needs[i].places[k];
	}
	return NULL;
}

static const char *
words(const struct request *rq, const char *language, const char *key)
{
	return view_text(rq->a, lang_parse(language), key, NULL);
}

struct letter_template
letter_preset(const struct request *rq, const char *letter, const char *language)
{
	struct letter_template t = {
		.subject = words(rq, language, arena_printf(rq->a, "letter.%s.subject", letter))};
	struct sb sb;

	sb_init(&sb, rq->a, (size_t)4 * LETTER_BODY_MAX);
	for (int i = 1; i < 10; i++) {
		const char *key = arena_printf(rq->a, "letter.%s.text%d", letter, i);
		const char *text = words(rq, language, key);

		if (strcmp(text, key) == 0)
			break;
		sb_printf(&sb, "%s%s", i > 1 ? "\n\n" : "", text);
	}
	t.body = sb.p;
	return t;
}

struct err *
letter_template_of(
	struct request *rq, const char *letter, const char *language, struct letter_template *t)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &find_template, VALS(val_text(letter), val_text(language)), &r));
	if (rows_count(r) == 0)
		*t = letter_preset(rq, letter, language);
	else
		*t = (struct letter_template){
			.subject = rows_text(r, 0, 0), .body = rows_text(r, 0, 1), .own = true};
	return NULL;
}

struct err *
letter_head_of(struct request *rq, const char *language, struct letter_head *h)
{
	struct rows *r;

	*h = (struct letter_head){.name = rq->tenant->name};
	TRY(tx_query(rq->tx, &find_head, VALS(val_text(language)), &r));
	if (rows_count(r) == 0)
		return NULL;
	if (!rows_null(r, 0, 0))
		h->name = rows_text(r, 0, 0);
	h->address = rows_text(r, 0, 1);
	h->contact = rows_text(r, 0, 2);
	h->handler = rows_text(r, 0, 3);
	h->statement = rows_text(r, 0, 4);
	return NULL;
}

bool
letter_unseal(struct arena *a, const struct seal_key *key, const char *what, struct bytes sealed,
	struct bytes *plain_r)
{
	return sealed.p != NULL &&
	       unseal_value(a, key, arena_printf(a, "request.%s|%lld", what, (long long)key->id),
		       sealed, plain_r);
}

const char *
letter_pdf_place(struct arena *a, int64_t letter)
{
	return arena_printf(a, "letter_pdf.%lld", (long long)letter);
}

/* ---- what is known */

struct known {
	const char *texts[sizeof(letter_places) / sizeof(letter_places[0])];
};

/* In the order of letter_places. */
enum {
	REFERENCE,
	NAME,
	KIND,
	RECEIVED,
	DUE,
	LAST_DAY,
	TODAY,
	SCOPE,
	REASONS,
	GROUND,
	FEE,
	FEE_ITEMS,
	COMPLAINT,
	WORKSPACE,
	HANDLER,
	CONTACT
};

/* s.28: item by item. */
static const char *
fee_lines(struct request *rq, const char *language, struct json_object *items)
{
	struct sb sb;

	sb_init(&sb, rq->a, 4096);
	if (!json_object_is_type(items, json_type_object))
		return NULL;
	json_object_object_foreach(items, name, cents)
	{
		sb_printf(&sb, "%s%s: %s", sb.n > 0 ? "\n" : "",
			words(rq, language, arena_printf(rq->a, "requests.fee_%s_title", name)),
			money_show(rq->a, json_object_get_int64(cents), "HKD"));
	}
	return sb.n > 0 ? sb.p : NULL;
}

/* "section 20(3)(b) (Not enough information to find the data)" */
static const char *
ground_words(const struct request *rq, const char *language, const char *ground)
{
	char *key = arena_strdup(rq->a, ground), *to = key;

	for (const char *p = ground; *p != '\0'; p++)
		if (*p == '(')
			*to++ = '_';
		else if (*p != ')')
			*to++ = *p;
	*to = '\0';
	return arena_printf(rq->a,
		strcmp(language, "en") == 0 ? "%s (%s)" : "%s\xef\xbc\x88%s\xef\xbc\x89",
		view_text(rq->a, lang_parse(language), "letters.section", ground),
		words(rq, language, arena_printf(rq->a, "requests.ground.%s", key)));
}

static struct err *
find_reasons(struct request *rq, const struct privacy_case *c, const char *letter,
	const char *language, struct known *k)
{
	struct json_object *data, *v;
	struct rows *r;

	TRY(tx_query(
		rq->tx, &find_step, VALS(val_i64(c->id), val_text(c->kind), val_text(letter)), &r));
	if (rows_count(r) == 0)
		return NULL;
	data = model_own(rq->a, json_tokener_parse(rows_text(r, 0, 2)));
	if (!rows_null(r, 0, 0))
		k->texts[GROUND] = ground_words(rq, language, rows_text(r, 0, 0));
	k->texts[REASONS] = case_unseal(rq, c, "note", rows_bytes(rq->a, r, 0, 1));
	if (json_object_object_get_ex(data, "fee", &v))
		k->texts[FEE] = money_show(rq->a, json_object_get_int64(v), "HKD");
	if (json_object_object_get_ex(data, "fee_items", &v))
		k->texts[FEE_ITEMS] = fee_lines(rq, language, v);
	return NULL;
}

static struct err *
find_known(struct request *rq, const struct privacy_case *c, const char *letter,
	const char *language, struct known *k)
{
	struct letter_head h;
	struct rows *r;

	*k = (struct known){.texts = {NULL}};
	TRY(letter_head_of(rq, language, &h));
	TRY(tx_query(rq->tx, &today, NO_VALS, &r));
	TRY(find_reasons(rq, c, letter, language, k));
	k->texts[REFERENCE] = c->reference;
	k->texts[NAME] = case_text(c, "name");
	k->texts[KIND] = words(rq, language, arena_printf(rq->a, "letters.kind.%s", c->kind));
	k->texts[RECEIVED] = date_show(rq->a, c->received_on, language);
	k->texts[DUE] = date_show(rq->a, c->due_on, language);
	k->texts[LAST_DAY] = date_show(rq->a, c->due_rolled_on, language);
	k->texts[TODAY] = date_show(rq->a, rows_text(r, 0, 0), language);
	k->texts[SCOPE] = case_text(c, "scope");
	k->texts[COMPLAINT] = words(rq, language, "letters.complaint");
	k->texts[WORKSPACE] = h.name;
	k->texts[HANDLER] =
		h.handler != NULL ? h.handler : words(rq, language, "letters.handler_preset");
	k->texts[CONTACT] = h.contact != NULL ? h.contact : h.address != NULL ? h.address : h.name;
	return NULL;
}

/* A placeholder without a value is a blank for whoever writes to fill. */
static const char *
fill(const struct request *rq, const char *text, const struct known *k)
{
	struct sb sb;

	sb_init(&sb, rq->a, (size_t)8 * LETTER_BODY_MAX);
	while (*text != '\0') {
		size_t n = 0, i = 0;
		const char *place = place_at(text, &n);

		if (place == NULL) {
			sb_putc(&sb, *text++);
			continue;
		}
		while (letter_places[i] != place)
			i++;
		sb_puts(&sb, k->texts[i] != NULL ? k->texts[i] : LETTER_BLANK);
		text += n;
	}
	return sb.p != NULL ? sb.p : "";
}

struct err *
letter_begin(struct request *rq, const struct privacy_case *c, const char *letter,
	const char *language, struct letter_draft *d)
{
	enum lang l = lang_parse(language);
	bool known = strcmp(letter, "recipient") != 0;
	const char *name = known ? case_text(c, "name") : NULL;
	struct letter_template t;
	struct known k;

	TRY(letter_template_of(rq, letter, language, &t));
	TRY(find_known(rq, c, letter, language, &k));
	*d = (struct letter_draft){.to = name,
		.address = known ? case_text(c, "address") : NULL,
		.email = known ? case_text(c, "email") : NULL,
		.subject = fill(rq, t.subject, &k)};
	d->body = arena_printf(rq->a, "%s\n\n%s\n\n%s\n%s\n%s",
		name != NULL ? view_text(rq->a, l, "letters.dear", name)
			     : words(rq, language, "letters.dear_nobody"),
		fill(rq, t.body, &k), words(rq, language, "letters.closing"), k.texts[HANDLER],
		k.texts[WORKSPACE]);
	return NULL;
}
