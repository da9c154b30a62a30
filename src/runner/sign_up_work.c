/* SPDX-License-Identifier: ISC */
#include "sign_up_work.h"

#include <string.h>

#include "compose.h"
#include "log.h"
#include "outbox.h"
#include "provision.h"
#include "response.h"
#include "sign_up.h"
#include "smtp.h"
#include "user.h"

#define ATTEMPTS 10
#define AGAIN_SECONDS 5
#define RELAY_SECONDS 30

static const char *
text_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) ? json_object_get_string(v) : NULL;
}

/* *sent_r false: not now. A mail that is refused for good takes what was asked along. */
static struct err *
send(struct tenancy *t, struct arena *a, const struct sign_up *s, const struct outgoing *m,
	bool *sent_r)
{
	const struct settings *st = tenancy_settings(t);
	struct json_object *mail;
	struct smtp_result r;
	struct bytes message;
	struct letter l;

	*sent_r = false;
	TRY(outbox_write(a, m, &mail));
	l = (struct letter){.from = st->mail_from,
		.from_name = "Praya",
		.to = m->to,
		.subject = text_of(mail, "subject"),
		.html = text_of(mail, "html"),
		.lang = text_of(mail, "lang"),
		.message_id = text_of(mail, "id"),
		.domain = st->base_domain,
		.date = s->now};
	if (!compose(a, &l, &message))
		return sign_up_drop(t, a, s->id);
	r = smtp_send(a, st, m->to, message.p, message.n);
	*sent_r = r.outcome == SMTP_SENT;
	if (*sent_r)
		return NULL;
	log_warn("sign-up=%lld not sent: %s status=%ld", (long long)s->id, r.why, r.status);
	return r.outcome == SMTP_LATER && s->attempts < ATTEMPTS
		       ? sign_up_later(t, a, s->id, RELAY_SECONDS * s->attempts)
		       : sign_up_drop(t, a, s->id);
}

static struct outgoing
mail_of(struct arena *a, const struct sign_up *s, const char *kind, const struct tenant *door)
{
	struct outgoing m = {.kind = kind, .to = s->email, .lang = lang_parse(s->lang)};

	m.data = model_object(a);
	model_text(m.data, "region", door->region);
	return m;
}

/* Whether a program for mail would make a link of something in it: "://", "@", or a dot with
 * no blank behind it. */
static bool
holds_link(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '@' || strncmp(s, "://", 3) == 0 ||
			(*s == '.' && s[1] != '\0' && s[1] != ' '))
			return true;
	return false;
}

/* Anybody has this sent to anybody: a name that leads somewhere is not told, the address is. */
static const char *
name_told(const struct sign_up *s)
{
	return holds_link(s->name) ? s->slug : s->name;
}

static struct err *
mail_link(struct tenancy *t, struct arena *a, const struct sign_up *s)
{
	struct outgoing m;
	struct tenant *door;
	bool sent;

	TRY(tenancy_door(t, a, &door));
	m = mail_of(a, s, "sign_up", door);
	m.subject_arg = name_told(s);
	model_text(m.data, "name_new", name_told(s));
	model_text(m.data, "link", arena_printf(a, "%s/sign-up/%s", door->origin, s->token));
	TRY(send(t, a, s, &m, &sent));
	return sent ? sign_up_mailed(t, a, s) : NULL;
}

/* Whether somebody who can sign in has the address there. */
static struct err *
is_in(struct tenancy *t, struct arena *a, const struct tenant *tn, const char *email, bool *is_r)
{
	int64_t user = 0;
	struct conn *c;
	struct err *e;
	struct tx *tx;

	*is_r = false;
	if ((tn->state != TENANT_ACTIVE && tn->state != TENANT_CLOSING) || tn->conninfo == NULL)
		return NULL;
	TRY(tenant_conn(t, a, tn, &c));
	TRY(system_tx(c, a, "worker", 0, "sign_up", &tx));
	e = user_active_by_email(tx, email, &user);
	tx_end(&tx);
	*is_r = e == NULL && user != 0;
	return e;
}

static struct err *
mail_workspaces(struct tenancy *t, struct arena *a, const struct sign_up *s)
{
	struct json_object *items;
	struct tenant **list, *door;
	struct outgoing m;
	size_t n;
	bool in, sent;

	TRY(tenancy_door(t, a, &door));
	m = mail_of(a, s, "find", door);
	items = model_list(m.data, "items");
	TRY(tenant_list(t, a, &list, &n));
	for (size_t i = 0; i < n; i++) {
		struct err *e = is_in(t, a, list[i], s->email, &in);

		if (e != NULL)
			log_warn("tenant=%lld: %s", (long long)list[i]->id,
				e->detail != NULL ? e->detail : "");
		if (e == NULL && in) {
			struct json_object *o = model_item(items);

			model_text(o, "name", list[i]->name);
			model_text(o, "origin", list[i]->origin);
		}
		/* An idle workspace keeps no connection. */
		if (list[i]->conninfo != NULL)
			conn_drop(tenancy_pool(t), list[i]->conninfo);
	}
	TRY(send(t, a, s, &m, &sent));
	return sent ? sign_up_drop(t, a, s->id) : NULL;
}

static struct err *
first_user(struct tenancy *t, struct arena *a, const struct tenant *tn, const struct sign_up *s)
{
	struct conn *c;
	struct err *e;
	struct tx *tx;

	TRY(tenant_conn_migrate(t, a, tn, &c));
	TRY(system_tx(c, a, "worker", 0, "sign_up", &tx));
	e = user_create_first(
		tx, a, tn, s->email, s->lang, s->password_hash, sign_up_ticket(t, a, s->id));
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

/* The address is taken: by ourselves, when an earlier attempt was cut off at its end. */
static struct err *
taken(struct tenancy *t, struct arena *a, const struct sign_up *s)
{
	struct tenant *tn = NULL;
	bool ours = false;
	struct conn *c;
	struct err *e;
	struct tx *tx;

	if (s->attempts > 1)
		TRY(tenant_by_slug(t, a, s->slug, &tn));
	if (tn != NULL && tn->state == TENANT_ACTIVE) {
		TRY(tenant_conn(t, a, tn, &c));
		TRY(system_tx(c, a, "worker", 0, "sign_up", &tx));
		e = user_is_first(tx, a, s->email, &ours);
		tx_end(&tx);
		TRY(e);
	}
	return ours ? sign_up_made(t, a, s->id, tn->id) : sign_up_failed(t, a, s->id);
}

static struct err *
make(struct tenancy *t, struct arena *a, const struct sign_up *s)
{
	struct tenant *tn;
	struct err *e;

	e = provision_create(t, a, s->slug, s->name, tenancy_settings(t)->region, &tn);
	if (e != NULL && e->kind == ERR_CONFLICT)
		return taken(t, a, s);
	TRY(e);
	TRY(first_user(t, a, tn, s));
	TRY(provision_activate(t, a, tn));
	log_info("sign-up=%lld tenant=%lld made", (long long)s->id, (long long)tn->id);
	return sign_up_made(t, a, s->id, tn->id);
}

static struct err *
one(struct tenancy *t, struct arena *a, const struct sign_up *s)
{
	if (s->find)
		return mail_workspaces(t, a, s);
	return s->state == SIGN_UP_ASKED ? mail_link(t, a, s) : make(t, a, s);
}

struct err *
sign_up_work(struct tenancy *t, struct arena *a, const volatile sig_atomic_t *stop)
{
	struct arena_mark mark = arena_mark(a);
	struct sign_up s;
	bool found = true;

	while (!*stop) {
		struct err *e;

		TRY(sign_up_take(t, a, &s, &found));
		if (!found)
			break;
		e = one(t, a, &s);
		if (e != NULL) {
			log_error("sign-up=%lld: %s: %s", (long long)s.id, err_name(e->kind),
				e->detail != NULL ? e->detail : "");
			/* Somebody waits: what stood in the way of it is mostly over soon. */
			TRY(s.attempts < ATTEMPTS ? sign_up_later(t, a, s.id,
							    e->kind == ERR_BUSY ? 1 : AGAIN_SECONDS)
						  : sign_up_failed(t, a, s.id));
		}
		arena_release(a, mark);
	}
	arena_release(a, mark);
	return NULL;
}
