/* SPDX-License-Identifier: ISC */
/* Others who consented to being named in a copy (Cap. 486 s.20(1)(b)): where their consent
 * is found stands with their letter, and what tells of them stays readable. */
#include <string.h>

#include "case_review.h"
#include "controls.h"
#include "date.h"
#include "text.h"
#include "token.h"

#define REFERENCE_MAX 400

STMT(list_people, "consent.people", 1,
	"select a.alias_id, a.consent, (extract(epoch from a.consented_at) * 1000000)::bigint, "
	"(select count(*) from request_mark m where m.alias_id = a.alias_id) from request_alias a "
	"where a.request_id = $1::bigint and exists (select from request_mark m where m.alias_id = "
	"a.alias_id) order by a.alias_id limit 200");
STMT(set_consent, "consent.set", 3,
	"update request_alias set consent = $3 where request_id = $1::bigint and alias_id = "
	"$2::bigint returning alias_id");

struct err *
copy_people(struct request *rq, const struct privacy_case *c, struct json_object *aliases,
	struct json_object *list)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &list_people, VALS(val_i64(c->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list),
				   *alias = json_object_object_get(aliases, rows_text(r, i, 0));
		int64_t at = rows_i64(r, i, 2);

		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(
			o, "label", json_object_get_string(json_object_object_get(alias, "label")));
		model_text(o, "who", json_object_get_string(json_object_object_get(alias, "who")));
		model_i64(o, "marks", rows_i64(r, i, 3));
		model_text(o, "consent", case_unseal(rq, c, "consent", rows_bytes(rq->a, r, i, 1)));
		model_text(o, "consented_at", at != 0 ? time_rfc3339(rq->a, at) : NULL);
	}
	return NULL;
}

/* No words: it is taken back. */
static struct err *
consent(struct request *rq, struct response *rp)
{
	const char *text = request_text(rq, "reference");
	int64_t alias = request_i64(rq, "person", 0);
	struct json_object *data = model_object(rq->a);
	struct privacy_case c;
	struct err *e = NULL;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	if (!c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_gone");
	if (c.closed_at != 0 || c.approved_at != 0)
		return err_new(rq->a, ERR_CONFLICT,
			c.closed_at != 0 ? "error.request_closed" : "error.request_approved");
	text = text != NULL ? text_clean(rq->a, text, false) : NULL;
	TRY(tx_query(rq->tx, &set_consent,
		VALS(val_i64(c.id), val_i64(alias), val_bytes(case_seal(rq, &c, "consent", text))),
		&r));
	if (rows_count(r) == 0) {
		err_add_field(rq->a, &e, "person", "error.reference", NULL);
		return e;
	}
	model_bool(data, "given", text != NULL);
	case_note(rq, &c, "consent", text, data);
	case_log(rq, "update", &c);
	model_i64(response_data(rp), "person", alias);
	model_text(response_data(rp), "consent", text);
	response_flash(rp, "flash.saved");
	if (!rq->api)
		response_go(rp, rq, "/privacy/requests/%lld/copy?all=1", (long long)c.id);
	return tx_run(rq->tx);
}

static const struct param params[] = {
	{"person", P_I64, IN_BODY, 1, 0, true},
	{"reference", P_TEXT, IN_BODY, 0, REFERENCE_MAX, false},
	PARAM_END,
};

const struct route case_consent_routes[] = {
	ROUTE(WRITE, POST, "/privacy/requests/{id}/copy/consent", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", consent, params, NULL, "", "request.copy_consent"),
	ROUTE_END,
};
