/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <string.h>

#include "card.h"
#include "log.h"

STMT(activity_state, "activity.state", 1,
	"select contact_id, kept_until is not null, kept_law is not null, "
	"subject is not null, body is not null, kind, done_at is not null "
	"from activity where activity_id = $1::bigint");
STMT(message_state, "message.state", 1,
	"select contact_id, kept_until is not null, kept_law is not null, "
	"subject is not null, body is not null, channel, true "
	"from message where message_id = $1::bigint");
STMT(attachment_state, "attachment.state", 1,
	"select contact_id, kept_until is not null, kept_law is not null, true, true, null::text, "
	"true "
	"from attachment where attachment_id = $1::bigint");
STMT(invoice_state, "invoice.state", 1,
	"select contact_id, false, false, true, true, null::text, true "
	"from invoice where invoice_id = $1::bigint");

static const struct stmt *const state_of[ENTITY_MAX] = {
	[ENTITY_ACTIVITY] = &activity_state,
	[ENTITY_MESSAGE] = &message_state,
	[ENTITY_ATTACHMENT] = &attachment_state,
	[ENTITY_INVOICE] = &invoice_state,
};

struct err *
child_state(const struct record_ctx *cx, enum entity e, int64_t id, struct child_state *st)
{
	struct rows *r;

	memset(st, 0, sizeof(*st));
	if (id == 0)
		return NULL;
	ASSERT(state_of[e] != NULL);
	TRY(tx_query(cx->tx, state_of[e], VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	st->contact_id = rows_i64(r, 0, 0);
	st->kept_until = rows_bool(r, 0, 1);
	st->kept_law = rows_bool(r, 0, 2);
	st->subject = rows_bool(r, 0, 3);
	st->body = rows_bool(r, 0, 4);
	st->kind = rows_text(r, 0, 5);
	st->done = rows_bool(r, 0, 6);
	return NULL;
}

/* Is the field there after the change? stored: is it there now? */
static bool
is_left(const struct changes *c, const char *field, bool stored)
{
	const struct change *ch = changes_find(c, field);

	return ch != NULL ? !ch->value.null : stored;
}

void
child_check(const struct record_ctx *cx, int64_t id, const struct child_state *st,
	const struct changes *c, struct err **e)
{
	const struct change *of = changes_find(c, "contact_id");
	bool until = is_left(c, "kept_until", st->kept_until);
	bool law = is_left(c, "kept_law", st->kept_law);

	if (id != 0 && of != NULL && of->value.val.u.i64 != st->contact_id)
		err_add_field(cx->a, e, "contact_id", "error.stays", NULL);
	if (until && !law)
		err_add_field(cx->a, e, "kept_law", "error.kept_law", NULL);
	if (law && !until)
		err_add_field(cx->a, e, "kept_until", "error.kept_until", NULL);
}

void
child_check_text(const struct record_ctx *cx, const struct child_state *st, const struct changes *c,
	struct err **e)
{
	if (!is_left(c, "subject", st->subject) && !is_left(c, "body", st->body))
		err_add_field(cx->a, e, "body", "error.text_needed", NULL);
}

void
child_warn_cards(const struct record_ctx *cx, struct changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct field *f = c->list[i].field;

		if (f->type != FIELD_TEXT && f->type != FIELD_LONG_TEXT)
			continue;
		if (c->list[i].value.text == NULL || !card_found(c->list[i].value.text))
			continue;
		if (c->warnings == NULL)
			c->warnings = model_object(cx->a);
		model_text(c->warnings, f->name, "warning.card");
	}
}

void
child_preset(const struct record_ctx *cx, int64_t id, struct changes *c, const char *field,
	struct err **e)
{
	const struct change *ch = changes_find(c, field);

	if (ch == NULL || !ch->value.null)
		return;
	if (id != 0)
		err_add_field(cx->a, e, field, "error.required", NULL);
	changes_drop(c, field);
}
