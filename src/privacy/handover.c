/* SPDX-License-Identifier: ISC */
/* The requestor's side of a hand-over: page, code, file. */
#include "handover.h"

#include <string.h>

#include "case_file.h"
#include "case_view.h"
#include "controls.h"
#include "date.h"
#include "download.h"
#include "guard.h"
#include "outbox.h"
#include "text.h"
#include "token.h"

STMT(widen, "handover.widen", 0, "select gate_widen()");
STMT(find, "handover.find", 1,
	"select h.handover_id, h.request_id, h.file_id, h.email, (extract(epoch from h.expires_at) "
	"* "
	"1000000)::bigint, coalesce(f.size, d.size), h.code_until > now() and h.tries < 5, "
	"h.download_id from handover h join privacy_request r using (request_id) "
	"left join request_file f on f.file_id = h.file_id left join download d on d.download_id "
	"= h.download_id where h.hash = $1 and h.ended_at is null and h.expires_at > now() and "
	/* An answer that is no longer the approved one has no package. */
	"(f.file_id is not null and f.destroyed_at is null or r.package_id = h.download_id and "
	"d.destroyed_at is null and d.expires_at > now())");
/* Two that ask at once: the second waits for the row, and then is one too many. */
STMT(put_code, "handover.code", 3,
	"update handover set code = $2, code_until = now() + interval '10 minutes', tries = 0, "
	"codes = codes + 1 where handover_id = $1::bigint and codes < $3::int");
/* The row is locked, so that guesses at the same time are counted one by one. */
STMT(lock, "handover.lock", 1,
	"select code, code_until > now() and tries < 5 from handover where handover_id = "
	"$1::bigint "
	"for update");
STMT(miss, "handover.miss", 1,
	"update handover set tries = tries + 1 where handover_id = $1::bigint");
STMT(hit, "handover.hit", 1,
	"update handover set code = null, code_until = null, fetched_at = coalesce(fetched_at, "
	"now()), "
	"fetches = fetches + 1 where handover_id = $1::bigint");

/* Codes of one link in all: then it has to be made anew. */
#define CODES_MAX 10
#define CODE_DIGITS 6
#define TRIES_HOUR 30 /* wrong codes from one address of the network */

struct handed {
	int64_t id, request, file, expires_at, size;
	int64_t package; /* 0: it is a file of the case */
	bool coded;      /* a code is on its way, and still good */
	struct bytes email;
	struct privacy_case c;
};

static struct bytes
digest_of(struct arena *a, const char *token)
{
	unsigned char *hash = arena_alloc(a, DIGEST_BYTES);

	sha256(token, strlen(token), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

/* Six digits are soon tried: whoever has the database only must not find them. */
static struct bytes
code_digest(struct request *rq, int64_t id, const char *code)
{
	const char *text = arena_printf(rq->a, "handover|%lld|%s", (long long)id, code);
	unsigned char *hash = arena_alloc(rq->a, DIGEST_BYTES);

	hmac_sha256(&rq->tenant->cursor, text, strlen(text), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

/* Over, ended, never made: nobody is told which. */
static struct err *
find_handed(struct request *rq, struct handed *h)
{
	struct rows *r;

	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	TRY(tx_query(rq->tx, &find, VALS(val_bytes(digest_of(rq->a, rq->path_args[0]))), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_GONE, "error.handover_over");
	*h = (struct handed){.id = rows_i64(r, 0, 0),
		.request = rows_i64(r, 0, 1),
		.file = rows_i64(r, 0, 2),
		.expires_at = rows_i64(r, 0, 4),
		.size = rows_i64(r, 0, 5),
		.coded = rows_bool(r, 0, 6),
		.package = rows_i64(r, 0, 7),
		.email = rows_bytes(rq->a, r, 0, 3)};
	TRY(case_load(rq, h->request, &h->c));
	return h->c.opens ? NULL : err_new(rq->a, ERR_GONE, "error.handover_over");
}

static struct err *
show(struct request *rq, struct response *rp, const struct handed *h)
{
	struct json_object *o = response_data(rp), *page, *f;
	const char *day = time_show(rq->a, h->expires_at, lang_tag(request_lang(rq)));

	model_i64(o, "size", h->size);
	model_text(o, "expires_at", time_rfc3339(rq->a, h->expires_at));
	model_bool(o, "code_sent", h->coded);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "handover/page";
	model_text(page, "url", rq->path);
	model_text(page, "until", day);
	model_text(page, "size",
		arena_printf(rq->a, "%s KiB", number_text(rq->a, (h->size + 1023) / 1024)));
	f = form_field(rq, model_list(page, "code"), "text", "code", say(rq, "handover.code"), "");
	form_required(f);
	model_i64(f, "max", CODE_DIGITS);
	model_text(f, "autocomplete", "one-time-code");
	return NULL;
}

static struct err *
page(struct request *rq, struct response *rp)
{
	struct handed h;

	TRY(find_handed(rq, &h));
	return show(rq, rp, &h);
}

static const char *
new_code(struct arena *a)
{
	uint32_t n;

	/* Without a bias: what is past the last whole million is drawn again. */
	do
		random_bytes(&n, sizeof(n));
	while (n >= 4294000000U);
	return arena_printf(a, "%06u", (unsigned)(n % 1000000U));
}

static struct err *
send_code(struct request *rq, struct response *rp)
{
	struct outgoing m = {.kind = "handover_code", .life = 600};
	const char *code = new_code(rq->a);
	struct handed h;
	struct rows *r;

	TRY(find_handed(rq, &h));
	if (gate_settings()->mail_relay == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.no_mail");
	m.to = case_unseal(rq, &h.c, "handover_email", h.email);
	if (m.to == NULL)
		return err_internal(rq->a, "the address of a hand-over does not open");
	m.lang = lang_parse(h.c.language);
	m.subject_arg = rq->tenant->name;
	m.data = model_object(rq->a);
	model_text(m.data, "workspace", rq->tenant->name);
	model_text(m.data, "code", code);
	TRY(tx_query(rq->tx, &put_code,
		VALS(val_i64(h.id), val_bytes(code_digest(rq, h.id, code)), val_i64(CODES_MAX)),
		&r));
	if (rows_affected(r) == 0)
		return err_new(rq->a, ERR_TOO_MANY, NULL);
	TRY(outbox_add(rq->tx, rq->a, &rq->tenant->kek, &m));
	case_log(rq, "send", &h.c);
	response_flash(rp, "flash.handover_code");
	if (rq->api)
		rp->status = 202;
	else
		response_go(rp, rq, "/d/%s", rq->path_args[0]);
	return tx_run(rq->tx);
}

/* What was typed of a code: blanks between its digits do not count. */
static const char *
digits_of(struct arena *a, const char *typed)
{
	char *out = arena_alloc(a, strlen(typed) + 1), *to = out;

	for (; *typed != '\0'; typed++)
		if (*typed >= '0' && *typed <= '9')
			*to++ = *typed;
		else if (*typed != ' ' && *typed != '-')
			return NULL;
	*to = '\0';
	return strlen(out) == CODE_DIGITS ? out : NULL;
}

/* *right_r false: it was not, which is counted and stays so. */
static struct err *
check_code(struct request *rq, const struct handed *h, const char *typed, bool *right_r)
{
	const char *code = digits_of(rq->a, typed);
	struct bytes stored, mine;
	struct rows *r;

	*right_r = false;
	TRY(tx_query(rq->tx, &lock, VALS(val_i64(h->id)), &r));
	stored = rows_bytes(rq->a, r, 0, 0);
	if (code != NULL && stored.p != NULL && rows_bool(r, 0, 1)) {
		mine = code_digest(rq, h->id, code);
		*right_r = equal_const_time(mine.p, stored.p, DIGEST_BYTES);
	}
	if (!*right_r)
		tx_queue(rq->tx, &miss, VALS(val_i64(h->id)), NULL);
	return NULL;
}

static struct err *
refuse(struct request *rq, struct response *rp, const struct handed *h, const char *key)
{
	struct err *e = NULL;

	err_add_field(rq->a, &e, "code", key, NULL);
	if (rq->api)
		return e;
	response_errors(rp, rq, e);
	return show(rq, rp, h);
}

static struct err *
fetch(struct request *rq, struct response *rp)
{
	struct guard g = guard_of(rq->a, rq->tenant, "handover.address", rq->remote, TRIES_HOUR);
	const char *typed = request_text(rq, "code");
	struct json_object *data = model_object(rq->a);
	bool locked, right;
	struct handed h;

	TRY(find_handed(rq, &h));
	TRY(guard_locked(rq->tx, &g, &locked));
	if (locked)
		return err_new(rq->a, ERR_TOO_MANY, NULL);
	if (typed == NULL)
		return refuse(rq, rp, &h, "error.required");
	TRY(check_code(rq, &h, typed, &right));
	if (!right) {
		guard_count(rq->tx, &g);
		case_note(rq, &h.c, "handover_missed", NULL, NULL);
		/* Whatever the answer becomes, it was tried. */
		TRY(tx_commit(rq->tx));
		return refuse(rq, rp, &h, "error.handover_code");
	}
	if (h.package != 0)
		TRY(download_hand_over(rq, rp, h.package));
	else
		TRY(case_file_send(rq, rp, &h.c, h.file));
	tx_queue(rq->tx, &hit, VALS(val_i64(h.id)), NULL);
	if (h.package == 0)
		model_i64(data, "file_id", h.file);
	case_note(rq, &h.c, "handover_fetched", NULL, data);
	case_log(rq, "download", &h.c);
	rp->secret = true;
	return tx_run(rq->tx);
}

static const struct param code_params[] = {
	{"code", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route handover_routes[] = {
	ROUTE(READ, GET, "/d/{token}", ON_BOTH, "", RIGHT_PUBLIC, "", page, NULL, NULL,
		"handover/page", "handover.page"),
	ROUTE(WRITE, POST, "/d/{token}/code", ON_BOTH, "", RIGHT_PUBLIC, "send", send_code, NULL,
		NULL, "", "handover.code"),
	ROUTE(WRITE, POST, "/d/{token}", ON_BOTH, "", RIGHT_PUBLIC, "download", fetch, code_params,
		NULL, "handover/page", "handover.fetch"),
	ROUTE_END,
};
