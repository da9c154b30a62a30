/* SPDX-License-Identifier: ISC */
#include "setup.h"

#include "controls.h"
#include "event.h"
#include "gate.h"

STMT(look, "setup.look", 0,
	"select exists (select from letter_head where handler is not null and address is not "
	"null), "
	"exists (select from letter_head where statement is not null), "
	"(select enabled from field where entity = 'contact' and name = 'hkid'), "
	"(select no_hkid_at is not null from workspace), "
	"(select count(*) > 1 from (select from app_user where active limit 2) u), "
	"exists (select from contact where archived_at is null and erased_at is null)");
STMT(decline, "setup.no_hkid", 0, "update workspace set no_hkid_at = now()");

/* Places of setup.look. */
enum { HANDLER, STATEMENT, HKID, NO_HKID, USERS, PEOPLE };

static const struct step {
	const char *name, *url;
	const char *field; /* on a page of each language */
	enum entity entity;
	enum right right;
} steps[SETUP_STEPS] = {
	{"handler", "/settings/letters/heads/", "handler", ENTITY_NONE, RIGHT_MANAGE_WORKSPACE},
	{"statement", "/settings/letters/heads/", "statement", ENTITY_NONE, RIGHT_MANAGE_WORKSPACE},
	{"hkid", "/settings/fields/contact.hkid", NULL, ENTITY_NONE, RIGHT_MANAGE_FIELDS},
	{"mail", "/settings/workspace", NULL, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE},
	{"users", "/settings/users/new", NULL, ENTITY_NONE, RIGHT_MANAGE_USERS},
	{"import", "/import", NULL, ENTITY_CONTACT, RIGHT_IMPORT},
};

static bool
is_done(const struct rows *r, size_t step)
{
	const bool done[SETUP_STEPS] = {rows_bool(r, 0, HANDLER), rows_bool(r, 0, STATEMENT),
		rows_bool(r, 0, HKID) || rows_bool(r, 0, NO_HKID),
		gate_settings()->mail_relay != NULL, rows_bool(r, 0, USERS),
		rows_bool(r, 0, PEOPLE)};

	return done[step];
}

void
setup_queue(struct tx *tx, struct rows **r)
{
	tx_queue(tx, &look, NO_VALS, r);
}

int64_t
setup_count(const struct rows *r)
{
	int64_t n = 0;

	for (size_t i = 0; i < SETUP_STEPS; i++)
		n += is_done(r, i);
	return n;
}

static const char *
hkid_word(const struct rows *r)
{
	return rows_bool(r, 0, HKID) ? "yes" : rows_bool(r, 0, NO_HKID) ? "no" : NULL;
}

static void
fill_step(struct request *rq, const struct step *s, bool done, struct json_object *o)
{
	const char *at = s->field != NULL ? arena_printf(rq->a, "%s#f-%s",
						    lang_tag(request_lang(rq)), s->field)
					  : "";

	model_text(o, "step", s->name);
	model_bool(o, "done", done);
	if (rq->api)
		return;
	model_text(o, "label", say_word(rq, "setup", s->name));
	model_text(o, "text", say_word(rq, "setup", arena_printf(rq->a, "%s_text", s->name)));
	if (principal_may(rq->principal, s->entity, s->right))
		model_text(o, "url", arena_printf(rq->a, "%s%s", s->url, at));
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp), *page, *list = model_list(o, "steps");
	struct rows *r;
	const char *hkid;

	TRY(tx_query(rq->tx, &look, NO_VALS, &r));
	hkid = hkid_word(r);
	for (size_t i = 0; i < SETUP_STEPS; i++)
		fill_step(rq, &steps[i], is_done(r, i), model_item(list));
	model_i64(o, "done", setup_count(r));
	model_i64(o, "total", SETUP_STEPS);
	model_text(o, "hkid", hkid);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	model_text(page, "title", say(rq, "setup.title"));
	if (hkid == NULL)
		model_text(page, "no_hkid_url", "/setup/no-hkid");
	else
		model_text(page, "hkid", say_word(rq, "setup.hkid", hkid));
	rp->template = "settings/setup";
	return NULL;
}

static struct err *
no_hkid(struct request *rq, struct response *rp)
{
	struct audit_event ev = {.action = "setting", .entity = "workspace", .reason = "no_hkid"};
	struct rows *r;

	TRY(tx_query(rq->tx, &look, NO_VALS, &r));
	if (rows_bool(r, 0, HKID))
		return err_new(rq->a, ERR_CONFLICT, "error.setup_hkid");
	tx_queue(rq->tx, &decline, NO_VALS, NULL);
	audit_queue(rq->tx, rq->a, &ev);
	TRY(tx_run(rq->tx));
	response_flash(rp, "flash.saved");
	if (rq->api)
		return show(rq, rp);
	response_go(rp, rq, "/setup");
	return NULL;
}

const struct route setup_routes[] = {
	ROUTE(READ, GET, "/setup", ON_BOTH, "", RIGHT_MANAGE_WORKSPACE, "", show, NULL, NULL,
		"settings/setup", "setup.show"),
	ROUTE(WRITE, POST, "/setup/no-hkid", ON_BOTH, "", RIGHT_MANAGE_WORKSPACE, "setting",
		no_hkid, NULL, NULL, "settings/setup", "setup.no_hkid"),
	ROUTE_END,
};
