/* SPDX-License-Identifier: ISC */
#include "disclosed.h"

#include <string.h>

#include "record.h"
#include "view.h"

/* Whoever it went to, from the first day on; $2: up to when, null for all. */
STMT(find_all, "disclosed.list", 2,
	"select d.source, d.ref, d.disclosed_on::text, d.by_user, u.name, d.note, d.fields, "
	"d.recipient, d.purpose from disclosures($1::bigint, '1900-01-01', least(($2::timestamptz "
	"at time zone 'Asia/Hong_Kong')::date, hk_today())) d left join app_user u on u.user_id = "
	"d.by_user order by d.disclosed_on, "
	"d.source, d.ref limit 2000");

const char *
disclosed_place(struct arena *a, const char *what, const struct seal_key *key)
{
	return arena_printf(a, "disclosure.%s|%lld", what, (long long)key->id);
}

const char *
disclosed_text(struct arena *a, const struct seal_key *key, const char *what, struct bytes sealed)
{
	struct bytes plain;

	if (sealed.p == NULL ||
		!unseal_value(a, key, disclosed_place(a, what, key), sealed, &plain))
		return NULL;
	return (const char *)plain.p;
}

const char *
disclosed_to(struct arena *a, enum lang l, const char *source, const char *who, const char *note)
{
	if (strcmp(source, "export") == 0)
		return view_text(a, l, "disclosures.of_export", who != NULL ? who : "-");
	if (strcmp(source, "handover") == 0)
		return view_text(a, l, "disclosures.of_handover", note);
	return note;
}

struct err *
disclosed_load(struct tx *tx, struct arena *a, int64_t contact, const struct seal_key *key,
	const char *until, struct disclosed **list_r, size_t *n_r)
{
	struct disclosed *list;
	struct rows *r;

	TRY(tx_query(tx, &find_all, VALS(val_i64(contact), val_text(until)), &r));
	*n_r = rows_count(r);
	*list_r = list = ARENA_ARRAY(a, *n_r + 1, struct disclosed);
	for (size_t i = 0; i < *n_r; i++) {
		struct disclosed *d = &list[i];

		*d = (struct disclosed){.source = rows_text(r, i, 0),
			.ref = rows_i64(r, i, 1),
			.on = rows_text(r, i, 2),
			.by = rows_null(r, i, 3) ? 0 : rows_i64(r, i, 3),
			.who = rows_text(r, i, 4),
			.note = rows_text(r, i, 5)};
		d->fields = rows_texts(a, r, i, 6, &d->nfields);
		if (strcmp(d->source, "register") != 0)
			continue;
		d->note = disclosed_text(a, key, "recipient", rows_bytes(a, r, i, 7));
		d->purpose = disclosed_text(a, key, "purpose", rows_bytes(a, r, i, 8));
	}
	return NULL;
}

const char *
disclosed_fields(
	struct arena *a, const struct catalogue *cat, enum lang l, const struct disclosed *d)
{
	struct sb sb;

	sb_init(&sb, a, 8192);
	for (size_t i = 0; i < d->nfields; i++) {
		const struct field *f = catalogue_find(cat, ENTITY_CONTACT, d->fields[i]);

		sb_printf(&sb, "%s%s", sb.n > 0 ? ", " : "",
			f != NULL ? field_label(f, l) : d->fields[i]);
	}
	return sb.n > 0 ? sb.p : NULL;
}
