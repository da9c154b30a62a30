/* SPDX-License-Identifier: ISC */
#define REQUEST_OWNER 1
#include "gate.h"

#include <string.h>
#include <time.h>

#include "action.h"
#include "chrome.h"
#include "desk.h"
#include "finish.h"
#include "form_again.h"
#include "log.h"
#include "metrics.h"
#include "refuse.h"
#include "replay.h"
#include "session.h"
#include "verify.h"

STMT(ensure_month, "gate.ensure_month", 0, "select audit_ensure_ahead()");
STMT(ping, "gate.ping", 0, "select 1");
STMT(epochs, "gate.epochs", 0, "select access, catalogue from epoch");

#define STATE_EPOCH "PR001"
/* Jobs that change fields move epochs a few times in a row. */
#define ATTEMPTS 5
#define STATE_SESSION "PR002"
#define STATE_NO_PARTITION "23514"
/* A record's form has a field for each that a workspace can have, and Praya's own. */
#define RECORD_FIELDS 300

static struct {
	const struct settings *st;
	struct tenancy *tenancy;
	struct arena *a;
	const struct gate_hooks *hooks;
} gate;

/* What a row says is done can be logged. */
static void
check_actions(void)
{
	const struct route *const *list;
	size_t n = routes_all(&list);

	for (size_t i = 0; i < n; i++)
		ASSERT(*list[i]->action == '\0' || audit_action_find(list[i]->action) != NULL);
}

void
gate_init(const struct settings *st, struct tenancy *t, const struct gate_hooks *hooks)
{
	gate.st = st;
	gate.tenancy = t;
	gate.hooks = hooks;
	gate.a = arena_new((size_t)st->request_memory);
	check_actions();
}

const struct settings *
gate_settings(void)
{
	return gate.st;
}

struct tenancy *
gate_tenancy(void)
{
	return gate.tenancy;
}

/* /healthz: the process is up; /readyz: the databases answer. */
static struct err *
answer_probe(struct request *rq, struct response *rp)
{
	rp->content_type = "text/plain; charset=utf-8";
	rp->ready = "ok\n";
	rp->ready_size = 3;
	if (strcmp(rq->path, "/readyz") == 0) {
		struct conn *c;

		TRY(cell_conn(gate.tenancy, rq->a, &c));
		return conn_query(c, rq->a, &ping, NO_VALS, NULL);
	}
	return NULL;
}

/* An unknown host learns nothing, not even what it reached. */
static struct err *
find_tenant(struct request *rq, struct response *rp)
{
	bool other_region;

	TRY(tenant_by_host(gate.tenancy, rq->a, rq->host, &rq->tenant, &other_region));
	if (rq->tenant == NULL) {
		other_region = other_region || settings_sign_up_elsewhere(gate.st, rq->host);
		rp->status = other_region ? 421 : 404;
		rp->content_type = "text/plain; charset=utf-8";
		rp->ready = other_region ? "Misdirected Request\n" : "Not Found\n";
		rp->ready_size = strlen(rp->ready);
		if (other_region && rq->next_pool != NULL)
			response_header(rp, "X-Accel-Redirect", rq->next_pool);
		return NULL;
	}
	log_context("id=%s tenant=%lld", rq->id, (long long)rq->tenant->id);
	if (rq->tenant->state == TENANT_SUSPENDED || rq->tenant->state == TENANT_CREATING ||
		rq->tenant->state == TENANT_DESTROYED)
		return err_new(rq->a, ERR_BUSY, "error.suspended");
	/* On its way to another region it can be read, as long as it is here. */
	if (rq->tenant->state == TENANT_MOVING && rq->method != METHOD_GET)
		return err_new(rq->a, ERR_BUSY, "error.moving");
	return NULL;
}

/* The secret of the caller: a bearer token, else the cookie. */
static const char *
credentials(const struct request *rq, bool *cookie_r)
{
	const char *h = request_header(rq, "Authorization");

	*cookie_r = false;
	if (h != NULL && strncasecmp(h, "Bearer ", 7) == 0)
		return h + 7;
	*cookie_r = true;
	return rq->secret != NULL ? rq->secret : request_cookie(rq, SESSION_COOKIE);
}

static struct err *
find_principal(struct request *rq, struct conn *c, bool fresh, bool *cookie_r)
{
	const char *secret = credentials(rq, cookie_r);
	unsigned char hash[32];

	rq->principal = NULL;
	if (secret == NULL || *secret == '\0' || strlen(secret) > 200)
		return NULL;
	session_hash(secret, hash);
	/* Levels of fields go by their place in the catalogue: both of one moment. */
	for (int attempt = 0; attempt < 3; attempt++) {
		TRY(principal_load(
			c, rq->a, rq->tenant, hash, fresh || attempt > 0, &rq->principal));
		/* A cookie's secret is no token and the other way round. */
		if (rq->principal != NULL &&
			(strcmp(rq->principal->via, "token") == 0) == *cookie_r)
			rq->principal = NULL;
		if (rq->principal == NULL)
			return NULL;
		TRY(gate.hooks->catalogue(
			c, rq->a, rq->tenant, rq->principal->catalogue_epoch, &rq->catalogue));
		if (rq->catalogue != NULL)
			return NULL;
	}
	return err_busy(rq->a, "the catalogue does not stand still");
}

/* What a write names and what a refusal says must be of this moment: before its
 * body is read, and before it is refused, the cached principal is compared. */
static struct err *
refresh_principal(struct request *rq, struct conn *c, bool *cookie_r)
{
	struct rows *rows;

	if (rq->principal == NULL)
		return NULL;
	TRY(conn_query(c, rq->a, &epochs, NO_VALS, &rows));
	if (rows_i64(rows, 0, 0) == rq->principal->access_epoch &&
		rows_i64(rows, 0, 1) == rq->principal->catalogue_epoch)
		return NULL;
	return find_principal(rq, c, true, cookie_r);
}

static bool
may(const struct request *rq)
{
	const struct principal *p = rq->principal;

	if (p != NULL && !p->self_write && p->grant_id == 0 && rq->method != METHOD_GET &&
		(rq->route->right == RIGHT_SELF || rq->route->right == RIGHT_ENTRY))
		return false;
	if (p != NULL && strcmp(rq->route->entity, ANY_RECORDS) == 0)
		return principal_may_some(p, rq->route->right);
	return p == NULL ||
	       principal_may(rq->principal, entity_parse(rq->route->entity), rq->route->right);
}

static struct err *
note(struct request *rq, struct conn *c, const struct err *e)
{
	if (refuse_reason(rq, e) == NULL)
		return NULL;
	finish_ring(rq);
	tx_end(&rq->tx);
	return refuse_note(rq, c, e);
}

/* The handler found a record that is there, but out of the right's reach; or none. */
static struct err *
refused_by(struct request *rq, struct conn *c, struct err *e)
{
	if (e->kind != ERR_DENIED)
		TRY(note(rq, c, e));
	if (e->kind != ERR_DENIED || rq->tx == NULL || tx_committed(rq->tx) ||
		rq->principal == NULL || rq->route->right <= RIGHT_SELF)
		return e;
	tx_end(&rq->tx);
	TRY(refuse_log(rq, c, refuse_record(rq)));
	return e;
}

struct err *
gate_render(struct request *rq, struct response *rp, struct sb *out)
{
	const char *template = rp->template != NULL ? rp->template : rq->route->template;

	if (rp->stream != NULL || rp->ready != NULL || (!rq->api && rp->location != NULL))
		return NULL;
	if (rq->api) {
		if (rp->data != NULL)
			view_json(rp->data, out);
		return sb_ok(out) ? NULL : err_internal(rq->a, "answer too large");
	}
	return view_page_rows(rq->a, template, request_lang(rq), response_data(rp),
		response_page(rp), chrome_make(rq, rp), rp->rows, out);
}

/* One attempt at the handler, inside a transaction. */
static struct err *
handle(struct request *rq, struct response *rp, struct conn *c, struct sb *out)
{
	bool replayed = false;
	struct err *e;

	TRY(gate_tx(rq, c, &rq->tx));
	TRY(replay_check(rq, rp, &replayed));
	if (replayed) {
		/* The first time kept its own copy of what was sent again. */
		request_drop_uploads(rq, rq->tenant->files);
		return tx_commit(rq->tx);
	}
	e = rq->route->handler(rq, rp);
	if (e == NULL && rq->route->kind == ROUTE_READ && tx_committing(rq->tx)) {
		/* The page is made while the disk takes its event in. */
		e = gate_render(rq, rp, out);
		TRY(tx_commit(rq->tx));
		return e;
	}
	if (tx_committing(rq->tx)) {
		struct err *late = tx_commit(rq->tx);

		e = e != NULL ? e : late;
	}
	/* A refusal that never asked the database may rest on an old catalogue. */
	if (e != NULL && !tx_committed(rq->tx) && *tx_error_state(rq->tx) == '\0')
		TRY(tx_query(rq->tx, &ping, NO_VALS, NULL));
	if (e != NULL)
		return e;
	if (rq->route->kind == ROUTE_STREAM || rq->route->kind == ROUTE_READ) {
		if (!tx_committed(rq->tx))
			TRY(tx_commit(rq->tx));
		return gate_render(rq, rp, out);
	}
	e = gate_render(rq, rp, out);
	if (e != NULL || tx_committed(rq->tx) || (rp->status >= 400 && !rp->again))
		return e;
	if (rp->status < 400)
		replay_store(rq, rp, out);
	return tx_commit(rq->tx);
}

struct err *
response_again(struct response *rp, struct request *rq, const struct err *e)
{
	struct conn *c;

	tx_end(&rq->tx);
	TRY(tenant_conn(gate.tenancy, rq->a, rq->tenant, &c));
	TRY(gate_tx(rq, c, &rq->tx));
	response_errors(rp, rq, e);
	rp->again = true;
	return NULL;
}

static struct err *
signed_out(struct request *rq, struct response *rp)
{
	if (rq->api || rq->method != METHOD_GET)
		return err_new(rq->a, ERR_UNAUTHENTICATED, NULL);
	rp->location = "/login";
	return NULL;
}

/* By the second step that the profile demands and that is not set up. */
static bool
held_up(const struct request *rq)
{
	return rq->principal != NULL && rq->principal->must_enrol && rq->route->right > RIGHT_ENTRY;
}

/* Whether whoever asks may go on: signed in where that is needed, through with what the
 * profile demands, with the right of the row. *go_r false: the response says where to. */
static struct err *
admit(struct request *rq, struct response *rp, struct conn *c, bool *go_r)
{
	const char *never;

	*go_r = true;
	if (rq->principal == NULL && rq->route->right != RIGHT_PUBLIC) {
		*go_r = false;
		return signed_out(rq, rp);
	}
	if (held_up(rq)) {
		*go_r = false;
		if (rq->api || rq->method != METHOD_GET)
			return err_new(rq->a, ERR_ENROL, NULL);
		rp->location = "/settings/account/two-step";
		return NULL;
	}
	never = refuse_guest(rq);
	if (never == NULL && may(rq))
		return NULL;
	TRY(refuse_log(rq, c, 0));
	return err_new(rq->a, ERR_DENIED, never);
}

static struct err *
read_request(struct request *rq, bool cookie, struct verify *v)
{
	struct request_limits limits = {(size_t)gate.st->body_max, gate.st->upload_max,
		(size_t)gate.st->fields_max, rq->tenant->files};

	struct err *refused = NULL;
	int64_t version;

	if (rq->route->fields != NULL)
		limits.fields += RECORD_FIELDS;
	TRY(request_read_query(rq));
	if (rq->method != METHOD_GET)
		refused = request_read_body(rq, &limits, gate.hooks->is_field, rq);
	/* Whoever may not post at all is not told what is wrong with the values. */
	if (refused == NULL || refused->kind == ERR_INVALID)
		TRY(refuse_forged(rq, cookie));
	if (refused == NULL || refused->kind == ERR_INVALID)
		TRY(verify_unwrap(rq, v, &refused));
	TRY(refused);
	return rq->route->kind == ROUTE_CHANGE ? request_version(rq, &version) : NULL;
}

/* A page's form with values that no handler should see comes back for them to be
 * mended; where there is none, the refusal stands. */
static struct err *
mend(struct request *rq, struct response *rp, struct conn *c, struct err *refused, struct sb *out)
{
	const struct route *sent = rq->route, *page = form_again_route(rq, refused);
	struct err *e;

	if (page == NULL)
		return refused;
	rq->route = page;
	e = may(rq) ? gate_tx(rq, c, &rq->tx) : refused;
	rq->route = sent;
	return e == NULL ? form_again(rq, rp, page, refused, out) : refused;
}

/* unreadable: what is wrong with the request's head, told to nobody whose host is
 * not ours. */
static struct err *
answer(struct request *rq, struct response *rp, struct sb *out, struct err *unreadable)
{
	const char *allow = NULL;
	struct conn *c;
	struct err *e;
	struct verify v;
	bool cookie, go;

	if (strcmp(rq->path, "/healthz") == 0 || strcmp(rq->path, "/readyz") == 0)
		return answer_probe(rq, rp);
	if (desk_is_at(rq))
		return desk_answer(rq, rp, out, unreadable);
	if (door_is_at(rq))
		return door_answer(rq, rp, out, unreadable);
	TRY(find_tenant(rq, rp));
	if (rq->tenant == NULL)
		return NULL;
	TRY(unreadable);
	e = route_match(rq, &allow);
	if (allow != NULL)
		response_header(rp, "Allow", allow);
	TRY(tenant_conn(gate.tenancy, rq->a, rq->tenant, &c));
	TRY(find_principal(rq, c, false, &cookie));
	if (e != NULL)
		return e;
	if (rq->method != METHOD_GET || !may(rq) || held_up(rq) || refuse_guest(rq) != NULL)
		TRY(refresh_principal(rq, c, &cookie));
	TRY(admit(rq, rp, c, &go));
	if (!go)
		return NULL;
	e = read_request(rq, cookie, &v);
	if (e != NULL) {
		TRY(note(rq, c, e));
		return mend(rq, rp, c, e, out);
	}
	TRY(verify_ask(rq, rp, c, &v, &go));
	if (!go)
		return gate_render(rq, rp, out);
	if (rq->secret != NULL)
		TRY(find_principal(rq, c, true, &cookie));
	for (int attempt = 0;; attempt++) {
		const char *state;

		e = handle(rq, rp, c, out);
		state = rq->tx != NULL ? tx_error_state(rq->tx) : "";
		if (e == NULL || *state == '\0')
			break;
		if (attempt == ATTEMPTS) {
			e = err_busy(rq->a, "rights or fields keep changing");
			break;
		}
		if (attempt == 0 && strcmp(state, STATE_NO_PARTITION) == 0)
			TRY(conn_query(c, rq->a, &ensure_month, NO_VALS, NULL));
		else if (strcmp(state, STATE_EPOCH) != 0 && strcmp(state, STATE_SESSION) != 0)
			break;
		tx_end(&rq->tx);
		response_init(rp, rq->a, rp->fcgi);
		sb_clear(out);
		TRY(find_principal(rq, c, true, &cookie));
		TRY(admit(rq, rp, c, &go));
		if (!go)
			return NULL;
	}
	if (e == NULL && rp->status == err_status(ERR_STALE))
		return note(rq, c, err_new(rq->a, ERR_STALE, NULL));
	return e != NULL ? refused_by(rq, c, e) : NULL;
}

void
gate_serve(void *fcgi)
{
	struct arena *a = gate.a;
	struct request rq = {.a = a};
	struct response rp;
	struct timespec start;
	struct sb out;
	struct err *e;

	clock_gettime(CLOCK_MONOTONIC, &start);
	metrics_begin();
	response_init(&rp, a, fcgi);
	sb_init(&out, a, (size_t)gate.st->request_memory / 4);
	e = request_begin(&rq, a, fcgi);
	log_context("id=%s", rq.id != NULL ? rq.id : "-");
	e = answer(&rq, &rp, &out, e);
	finish_session(&rq, &rp);
	finish_ring(&rq);
	if (e != NULL) {
		struct response_header *kept = rp.headers;

		finish_log_error(e);
		if (e->kind == ERR_BUSY && rq.tenant != NULL && rq.tenant->state == TENANT_MOVING)
			e = err_new(a, ERR_BUSY, "error.moving");
		tx_end(&rq.tx);
		response_init(&rp, a, fcgi);
		rp.headers = kept;
		sb_clear(&out);
		chrome_error(&rq, &rp, e, &out);
	}
	tx_end(&rq.tx);
	/* Files of a form that came to nothing. Whether a commit that broke off came
	 * to nothing is not known: then a file without a row is the lesser harm. */
	if (rq.uploads != NULL && rp.status >= 400 && rp.status != 503)
		request_drop_uploads(&rq, rq.tenant->files);
	finish_send(&rq, &rp, &out);
	finish_log(&rq, &rp, &start);
	log_context_clear();
	arena_reset(a);
	seal_forget();
}
