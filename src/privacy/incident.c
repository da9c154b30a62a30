/* SPDX-License-Identifier: ISC */
#include "incident.h"

#include <string.h>

#include "date.h"
#include "holiday.h"

#define USEC ((int64_t)1000000)
#define HOUR (3600 * USEC)
#define DAY (24 * HOUR)
#define HONG_KONG (8 * HOUR)
#define TARGET_HOURS 72
#define CEILING_DAYS 5
#define KEY_PURPOSE "incident"

#define STEPS \
	"generate_series(1, 5) n left join incident_step s on s.incident_id = i.incident_id " \
	"and s.step = n order by n"
/* In the order of the enum; of each step when it was begun, closed, and what closing lacks. */
#define COLUMNS \
	"i.incident_id, i.version, i.reference, i.kind, i.state, usec(i.aware_at), " \
	"usec(i.began_at), usec(i.recorded_at), usec(i.closed_at), usec(now()), i.notify, " \
	"usec(i.decided_at), usec(i.approved_at), usec(i.pcpd_at), usec(i.subjects_at), " \
	"usec(i.others_at), " \
	"(select name from app_user where user_id = i.recorded_by), " \
	"(select name from app_user where user_id = i.decided_by), " \
	"(select name from app_user where user_id = i.approved_by), " \
	"i.key_id, (select wrapped from data_key k where k.key_id = i.key_id), i.particulars, " \
	"array(select coalesce(usec(s.started_at), 0) from " STEPS "), " \
	"array(select coalesce(usec(s.closed_at), 0) from " STEPS "), " \
	"array(select array_to_string(incident_lacks(i, 'close', n), ',') " \
	"from generate_series(1, 5) n order by n), " \
	"array_to_string(incident_lacks(i, 'decide', null), ','), " \
	"array_to_string(incident_lacks(i, 'approve', null), ','), " \
	"array_to_string(incident_lacks(i, 'told', null), ',') "

enum {
	C_ID,
	C_VERSION,
	C_REFERENCE,
	C_KIND,
	C_STATE,
	C_AWARE,
	C_BEGAN,
	C_RECORDED,
	C_CLOSED,
	C_NOW,
	C_NOTIFY,
	C_DECIDED,
	C_APPROVED,
	C_PCPD,
	C_SUBJECTS,
	C_OTHERS,
	C_RECORDER,
	C_DECIDER,
	C_APPROVER,
	C_KEY,
	C_WRAPPED,
	C_PARTICULARS,
	C_STARTED,
	C_ENDED,
	C_LACKS,
	C_DECIDE,
	C_APPROVE,
	C_TOLD
};

STMT(read_one, "incident.read", 1,
	"select " COLUMNS "from incident i where i.incident_id = $1::bigint");
STMT(read_all, "incident.list", 2,
	"select " COLUMNS "from incident i where i.incident_id < $1::bigint "
	"order by i.incident_id desc limit $2::bigint");

const char *const incident_kinds[] = {
	"attack", "insider", "account", "lost", "recipient", "published", "system", "other", NULL};
const char *const incident_whoms[] = {"pcpd", "subjects", "police", "other", NULL};

struct err *
incident_right(const struct request *rq)
{
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS) ||
		principal_may(rq->principal, ENTITY_NONE, RIGHT_APPROVE_REQUESTS))
		return NULL;
	return err_new(rq->a, ERR_DENIED, NULL);
}

static const char *
place(struct arena *a, const struct incident *in, const char *what)
{
	return arena_printf(a, "incident.%s|%lld", what, (long long)in->key.id);
}

struct bytes
incident_seal(
	const struct request *rq, const struct incident *in, const char *what, const char *text)
{
	if (text == NULL || !in->opens)
		return (struct bytes){NULL, 0};
	return seal_value(rq->a, &in->key, place(rq->a, in, what), text, strlen(text));
}

const char *
incident_unseal(struct arena *a, const struct incident *in, const char *what, struct bytes sealed)
{
	struct bytes plain;

	if (sealed.p == NULL || !in->opens ||
		!unseal_value(a, &in->key, place(a, in, what), sealed, &plain))
		return NULL;
	return (const char *)plain.p;
}

static void
read_stages(struct request *rq, const struct rows *r, size_t i, struct incident *in)
{
	size_t n;
	const int64_t *started = rows_i64s(rq->a, r, i, C_STARTED, &n);
	const int64_t *closed = rows_i64s(rq->a, r, i, C_ENDED, &n);
	const char **lacks = rows_texts(rq->a, r, i, C_LACKS, &n);

	for (size_t k = 0; k < INCIDENT_STEPS; k++)
		in->stages[k] = (struct incident_stage){started[k], closed[k], lacks[k]};
}

/* The day of Hong Kong that a time lies in. */
static int64_t
day_of(int64_t at)
{
	int64_t local = at + HONG_KONG;

	return local / DAY - (local % DAY < 0);
}

static void
count_clocks(struct request *rq, const struct holidays *h, struct incident *in)
{
	int64_t last = deadline_business(h, day_of(in->aware_at), CEILING_DAYS);

	in->target_at = in->aware_at + TARGET_HOURS * HOUR;
	in->ceiling_on = date_of_number(rq->a, last);
	in->holidays_known = last <= h->known;
	in->undecided_late = in->closed_at == 0 && in->approved_at == 0 && day_of(in->now) > last;
}

static void
open_particulars(struct request *rq, const struct rows *r, size_t i, struct incident *in)
{
	struct bytes wrapped = rows_bytes(rq->a, r, i, C_WRAPPED);
	const char *text = NULL;

	in->particulars = model_object(rq->a);
	in->opens = wrapped.p != NULL && key_unwrap(rq->a, &rq->tenant->kek, KEY_PURPOSE, wrapped,
						 rows_i64(r, i, C_KEY), &in->key);
	text = incident_unseal(rq->a, in, "particulars", rows_bytes(rq->a, r, i, C_PARTICULARS));
	if (text != NULL)
		in->particulars = model_own(rq->a, json_tokener_parse(text));
}

static void
of_row(struct request *rq, const struct rows *r, size_t i, const struct holidays *h,
	struct incident *in)
{
	*in = (struct incident){.id = rows_i64(r, i, C_ID),
		.version = rows_i64(r, i, C_VERSION),
		.reference = rows_text(r, i, C_REFERENCE),
		.kind = rows_text(r, i, C_KIND),
		.state = rows_text(r, i, C_STATE),
		.aware_at = rows_i64(r, i, C_AWARE),
		.began_at = rows_i64(r, i, C_BEGAN),
		.recorded_at = rows_i64(r, i, C_RECORDED),
		.closed_at = rows_i64(r, i, C_CLOSED),
		.now = rows_i64(r, i, C_NOW),
		.decided = !rows_null(r, i, C_NOTIFY),
		.notify = rows_bool(r, i, C_NOTIFY),
		.decided_at = rows_i64(r, i, C_DECIDED),
		.approved_at = rows_i64(r, i, C_APPROVED),
		.pcpd_at = rows_i64(r, i, C_PCPD),
		.subjects_at = rows_i64(r, i, C_SUBJECTS),
		.others_at = rows_i64(r, i, C_OTHERS),
		.recorder = rows_text(r, i, C_RECORDER),
		.decider = rows_text(r, i, C_DECIDER),
		.approver = rows_text(r, i, C_APPROVER),
		.decide_lacks = rows_text(r, i, C_DECIDE),
		.approve_lacks = rows_text(r, i, C_APPROVE),
		.told_lacks = rows_text(r, i, C_TOLD)};
	read_stages(rq, r, i, in);
	count_clocks(rq, h, in);
	open_particulars(rq, r, i, in);
}

struct err *
incident_load(struct request *rq, int64_t id, struct incident *in)
{
	struct holidays h;
	struct rows *r;

	TRY(holidays_load(rq->tx, rq->a, &h));
	TRY(tx_query(rq->tx, &read_one, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	of_row(rq, r, 0, &h, in);
	return NULL;
}

struct err *
incident_all(struct request *rq, int64_t before, size_t want, struct incident **list_r, size_t *n_r)
{
	struct holidays h;
	struct rows *r;

	TRY(holidays_load(rq->tx, rq->a, &h));
	TRY(tx_query(rq->tx, &read_all, VALS(val_i64(before), val_i64((int64_t)want)), &r));
	*n_r = rows_count(r);
	*list_r = ARENA_ARRAY(rq->a, *n_r + 1, struct incident);
	for (size_t i = 0; i < *n_r; i++)
		of_row(rq, r, i, &h, &(*list_r)[i]);
	return NULL;
}

const char *
incident_text(const struct incident *in, const char *name)
{
	return json_object_get_string(json_object_object_get(in->particulars, name));
}

static void
put_time(struct request *rq, struct json_object *o, const char *name, int64_t at)
{
	model_text(o, name, at == 0 ? NULL : time_rfc3339(rq->a, at));
}

static void
put_codes(struct request *rq, struct json_object *list, const char *codes)
{
	for (const char *end; *codes != '\0'; codes = *end == ',' ? end + 1 : end) {
		end = codes + strcspn(codes, ",");
		model_push_text(list, arena_strndup(rq->a, codes, (size_t)(end - codes)));
	}
}

void
incident_model(struct request *rq, const struct incident *in, struct json_object *o)
{
	struct json_object *steps;

	model_i64(o, "id", in->id);
	model_text(o, "reference", in->reference);
	model_text(o, "kind", in->kind);
	model_text(o, "state", in->state);
	model_text(o, "title", incident_text(in, "title"));
	model_text(o, "what", incident_text(in, "what"));
	model_text(o, "found_how", incident_text(in, "found_how"));
	put_time(rq, o, "aware_at", in->aware_at);
	put_time(rq, o, "began_at", in->began_at);
	put_time(rq, o, "target_at", in->target_at);
	model_text(o, "ceiling_on", in->ceiling_on);
	model_bool(o, "statutory", false);
	model_bool(o, "undecided_late", in->undecided_late);
	if (in->decided)
		model_bool(o, "notify", in->notify);
	else
		model_null(o, "notify");
	put_time(rq, o, "decided_at", in->decided_at);
	model_text(o, "decided_by", in->decider);
	put_time(rq, o, "approved_at", in->approved_at);
	model_text(o, "approved_by", in->approver);
	put_time(rq, o, "pcpd_at", in->pcpd_at);
	put_time(rq, o, "subjects_at", in->subjects_at);
	put_time(rq, o, "others_at", in->others_at);
	put_time(rq, o, "recorded_at", in->recorded_at);
	put_time(rq, o, "closed_at", in->closed_at);
	model_i64(o, "version", in->version);
	steps = model_list(o, "steps");
	for (int i = 0; i < INCIDENT_STEPS; i++) {
		struct json_object *s = model_item(steps);

		model_i64(s, "step", i + 1);
		put_time(rq, s, "started_at", in->stages[i].started_at);
		put_time(rq, s, "closed_at", in->stages[i].closed_at);
		put_codes(rq, model_list(s, "lacks"), in->stages[i].lacks);
	}
}
