/* SPDX-License-Identifier: ISC */
/*
 * Links of those who ask and have no sign-in: how their request stands, their mail address
 * confirmed, proof of who they are sent in. Of a link its digest is kept. Whoever is at the
 * other end sees everything for a few statements (gate_widen), of which only a reference and
 * days come out.
 */
#include "case_file.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "outbox.h"
#include "token.h"

STMT(widen, "intake.widen_link", 0, "select gate_widen()");
STMT(add_token, "intake.token", 5,
	"insert into request_token (hash, request_id, kind, created_by, expires_at) values ($1, "
	"$2::bigint, $3, $4::bigint, now() + make_interval(days => $5::bigint::int))");
STMT(find_token, "intake.find", 1,
	"select t.request_id, t.kind, r.confirmed_at is not null, r.closed_at is not null "
	"from request_token t join privacy_request r using (request_id) where t.hash = $1 "
	"and t.expires_at > now() and t.used_at is null");
STMT(set_confirmed, "intake.confirm", 1,
	"update privacy_request set confirmed_at = now(), version = version + 1, updated_at = "
	"now() "
	"where request_id = $1::bigint and confirmed_at is null");
/* Two that come at the same time: the second waits here and finds nothing. */
STMT(use_token, "intake.use", 1,
	"update request_token set used_at = now() where hash = $1 and used_at is null "
	"returning request_id");

#define STATUS_DAYS 400
#define UPLOAD_DAYS 14
#define PROOF_MAX ((int64_t)10 << 20)

static struct bytes
digest_of(struct arena *a, const char *token)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);

	sha256(token, strlen(token), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

const char *
request_link(struct request *rq, int64_t request, const char *kind)
{
	const char *token = token_new(rq->a, 32);
	bool upload = strcmp(kind, "upload") == 0;

	tx_queue(rq->tx, &add_token,
		VALS(val_bytes(digest_of(rq->a, token)), val_i64(request), val_text(kind),
			val_id(rq->principal != NULL ? rq->principal->user_id : 0),
			val_i64(upload ? UPLOAD_DAYS : STATUS_DAYS)),
		NULL);
	return arena_printf(rq->a, "/privacy-request/%s", token);
}

/* Nothing that was typed is in it: whoever typed an address need not be who reads there. */
static struct err *
send_mail(struct request *rq, const struct privacy_case *c, const char *kind, const char *path)
{
	enum lang l = lang_parse(c->language);
	struct outgoing m = {.kind = kind,
		.to = case_text(c, "email"),
		.lang = l,
		.subject_arg = c->reference,
		.created_by = rq->principal != NULL ? rq->principal->user_id : 0};

	m.data = model_object(rq->a);
	model_text(m.data, "workspace", rq->tenant->name);
	model_text(m.data, "reference", c->reference);
	model_text(m.data, "received", date_show(rq->a, c->received_on, c->language));
	model_text(m.data, "last_day", date_show(rq->a, c->due_rolled_on, c->language));
	model_text(m.data, "link", arena_printf(rq->a, "%s%s", rq->tenant->origin, path));
	return outbox_add(rq->tx, rq->a, &rq->tenant->kek, &m);
}

struct err *
request_mail_link(struct request *rq, const struct privacy_case *c, const char *kind)
{
	bool upload = strcmp(kind, "upload") == 0;

	return send_mail(rq, c, upload ? "request_upload" : "request_received",
		request_link(rq, c->id, kind));
}

struct link {
	struct bytes hash;
	const char *kind;
	bool confirmed, closed;
	struct privacy_case c;
};

/* Used, over, never made: nobody is told which. */
static struct err *
find_link(struct request *rq, struct link *l)
{
	struct rows *r;

	l->hash = digest_of(rq->a, rq->path_args[0]);
	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	TRY(tx_query(rq->tx, &find_token, VALS(val_bytes(l->hash)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_GONE, "error.request_link");
	l->kind = rows_text(r, 0, 1);
	l->confirmed = rows_bool(r, 0, 2);
	l->closed = rows_bool(r, 0, 3);
	return case_load(rq, rows_i64(r, 0, 0), &l->c);
}

static struct err *
show_status(struct request *rq, struct response *rp, const struct link *l)
{
	struct json_object *o = response_data(rp), *page, *f;
	const char *tag = lang_tag(request_lang(rq));

	model_text(o, "reference", l->c.reference);
	model_text(o, "kind", l->c.kind);
	model_text(o, "received_at", time_rfc3339(rq->a, l->c.received_at));
	model_text(o, "due_at", l->c.due_on);
	model_text(o, "due_rolled_at", l->c.due_rolled_on);
	model_bool(o, "email_confirmed", l->confirmed);
	model_bool(o, "closed", l->closed);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "intake/status";
	model_text(page, "url", rq->path);
	model_text(page, "kind", say_word(rq, "intake.kind", l->c.kind));
	model_text(page, "received", date_show(rq->a, l->c.received_on, tag));
	model_text(page, "due", date_show(rq->a, l->c.due_on, tag));
	model_text(page, "last_day", date_show(rq->a, l->c.due_rolled_on, tag));
	model_bool(page, "confirm", strcmp(l->kind, "confirm") == 0 && !l->confirmed);
	model_bool(page, "upload", strcmp(l->kind, "upload") == 0 && !l->closed);
	f = form_field(
		rq, model_list(page, "file"), "file", "file", say(rq, "intake.file_title"), "");
	form_required(f);
	form_hint(rq, f, "intake.file_hint");
	return NULL;
}

/* Where a form was that the gate refused: its page, which takes no link from the path. */
static struct err *
status(struct request *rq, struct response *rp)
{
	struct link l;

	TRY(find_link(rq, &l));
	return show_status(rq, rp, &l);
}

/* By POST: programs that look through mail open every address in it. */
static struct err *
confirm(struct request *rq, struct response *rp)
{
	struct link l;

	TRY(find_link(rq, &l));
	if (strcmp(l.kind, "confirm") != 0)
		return err_new(rq->a, ERR_GONE, "error.request_link");
	if (!l.confirmed) {
		tx_queue(rq->tx, &set_confirmed, VALS(val_i64(l.c.id)), NULL);
		case_note(rq, &l.c, "confirmed", NULL, NULL);
		case_log(rq, "update", &l.c);
	}
	response_flash(rp, "flash.request_confirmed");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/privacy-request/%s", rq->path_args[0]);
	return tx_run(rq->tx);
}

static struct err *
upload(struct request *rq, struct response *rp)
{
	const struct upload *u = request_file(rq, "file");
	struct err *e = NULL;
	struct rows *r;
	struct link l;

	TRY(find_link(rq, &l));
	if (strcmp(l.kind, "upload") != 0 || l.closed || !l.c.opens)
		return err_new(rq->a, ERR_GONE, "error.request_link");
	if (u == NULL)
		err_add_field(rq->a, &e, "file", "error.required", NULL);
	else if (u->size == 0)
		err_add_field(rq->a, &e, "file", "error.file_empty", NULL);
	else if (u->size > PROOF_MAX)
		err_add_field(rq->a, &e, "file", "error.proof_large", NULL);
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return show_status(rq, rp, &l);
	}
	TRY(tx_query(rq->tx, &use_token, VALS(val_bytes(l.hash)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_GONE, "error.request_link");
	TRY(case_file_add(rq, &l.c, "proof", u, 0));
	case_log(rq, "create", &l.c);
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/privacy-request/thanks");
	return tx_run(rq->tx);
}

static struct err *
thanks(struct request *rq, struct response *rp)
{
	(void)rq;
	rp->template = "intake/thanks";
	return NULL;
}

static const struct param file_params[] = {
	{"file", P_FILE, IN_BODY, 0, 1, false},
	PARAM_END,
};

const struct route intake_link_routes[] = {
	ROUTE(READ, GET, "/privacy-request/thanks", ON_PAGE, "", RIGHT_PUBLIC, "", thanks, NULL,
		NULL, "intake/thanks", "intake.thanks"),
	ROUTE(READ, GET, "/privacy-request/{token}", ON_BOTH, "", RIGHT_PUBLIC, "", status, NULL,
		NULL, "intake/status", "intake.status"),
	ROUTE(WRITE, POST, "/privacy-request/{token}/confirm", ON_BOTH, "", RIGHT_PUBLIC, "update",
		confirm, NULL, NULL, "intake/status", "intake.confirm"),
	ROUTE(WRITE, POST, "/privacy-request/{token}/upload", ON_BOTH, "", RIGHT_PUBLIC, "create",
		upload, file_params, NULL, "intake/status", "intake.upload"),
	ROUTE_END,
};
