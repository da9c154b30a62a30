/* SPDX-License-Identifier: ISC */
#include "suppress.h"

#include <string.h>

#include "token.h"
#include "tx.h"

STMT(find, "suppress.find", 1,
	"select x.n, s.kind = 'erased' and s.returned_at is null, "
	"(s.since at time zone 'Asia/Hong_Kong')::date::text "
	"from unnest($1::bytea[]) with ordinality x (digest, n) join suppression s using (digest) "
	"order by x.n");
/* Who came back and goes again is erased anew. */
STMT(add, "suppress.add", 2,
	"insert into suppression (kind, digest) select distinct $1, d from unnest($2::bytea[]) d "
	"on conflict (digest, kind) do update set since = now(), returned_at = null, returned_by = "
	"null, returned_how = null where suppression.returned_at is not null");
STMT(stop, "suppress.stop", 2,
	"with x as materialized (select contact_id from contact where email_lower = any "
	"($1::text[]) union select contact_id from contact where email2_lower = any ($1::text[]) "
	"union select contact_id from contact where phone = any ($1::text[]) "
	"union select contact_id from contact where phone2 = any ($1::text[]) "
	"union select contact_id from contact where whatsapp = any ($1::text[]) "
	"union select unnest($2::bigint[])) "
	"update contact c set marketing_stopped_at = now() from x where c.contact_id = "
	"x.contact_id and c.marketing_stopped_at is null");

bool
suppress_field(const struct field *f)
{
	return f->entity == ENTITY_CONTACT && (f->type == FIELD_EMAIL || f->type == FIELD_PHONE);
}

/* ASCII is enough: numbers have no letters, and mail is matched no better. */
static const char *
lowered(struct arena *a, const char *text)
{
	char *s = arena_strdup(a, text);

	for (char *p = s; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + ('a' - 'A'));
	return s;
}

struct bytes
suppress_digest(const struct record_ctx *cx, const char *text)
{
	return blind_index(cx->a, &cx->tenant->blind, "suppression", lowered(cx->a, text));
}

struct err *
suppress_find(const struct record_ctx *cx, const struct bytes *digests, size_t n,
	struct suppressed **list_r)
{
	struct suppressed *list = ARENA_ARRAY(cx->a, n + 1, struct suppressed);
	struct rows *r;

	*list_r = list;
	if (n == 0)
		return NULL;
	TRY(tx_query(cx->tx, &find, VALS(val_byteses(digests, n)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct suppressed *s = &list[rows_i64(r, i, 0) - 1];

		s->marketing = true;
		if (rows_bool(r, i, 1))
			s->erased_on = rows_text(r, i, 2);
	}
	return NULL;
}

const char *
suppress_key(const struct principal *p)
{
	return principal_may(p, ENTITY_NONE, RIGHT_RUN_REQUESTS) ||
			       principal_may(p, ENTITY_NONE, RIGHT_ERASE)
		       ? "error.blocked_erased"
		       : "error.blocked";
}

struct err *
suppress_check(const struct record_ctx *cx, const struct changes *c, bool *marketing_r)
{
	struct bytes *digests = ARENA_ARRAY(cx->a, c->n + 1, struct bytes);
	const char **names = ARENA_ARRAY(cx->a, c->n + 1, const char *);
	struct suppressed *found;
	struct err *e = NULL;
	size_t n = 0;

	*marketing_r = false;
	for (size_t i = 0; i < c->n; i++) {
		const struct change *ch = &c->list[i];

		if (ch->value.null || !suppress_field(ch->field))
			continue;
		names[n] = ch->field->name;
		digests[n++] = suppress_digest(cx, ch->value.text);
	}
	TRY(suppress_find(cx, digests, n, &found));
	for (size_t i = 0; i < n; i++) {
		*marketing_r |= found[i].marketing;
		if (found[i].erased_on != NULL)
			err_add_field(cx->a, &e, names[i], suppress_key(cx->principal),
				found[i].erased_on);
	}
	return e;
}

bool
suppress_refused(const struct err *e)
{
	if (e == NULL || e->kind != ERR_INVALID)
		return false;
	for (const struct err_field *f = e->fields; f != NULL; f = f->next)
		if (strncmp(f->key, "error.blocked", 13) == 0)
			return true;
	return false;
}

void
suppress_add(const struct record_ctx *cx, const char *kind, const char *const *texts, size_t n,
	const int64_t *contacts, size_t ncontacts)
{
	struct bytes *digests = ARENA_ARRAY(cx->a, n + 1, struct bytes);
	const char **low = ARENA_ARRAY(cx->a, n + 1, const char *);

	for (size_t i = 0; i < n; i++) {
		low[i] = lowered(cx->a, texts[i]);
		digests[i] = suppress_digest(cx, texts[i]);
	}
	tx_queue(cx->tx, &add, VALS(val_text(kind), val_byteses(digests, n)), NULL);
	tx_queue(cx->tx, &stop, VALS(val_texts(low, n), val_i64s(contacts, ncontacts)), NULL);
}
