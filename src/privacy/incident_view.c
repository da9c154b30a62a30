/* SPDX-License-Identifier: ISC */
/* What the pages of incidents share. */
#include "controls.h"
#include "date.h"
#include "event.h"
#include "incident.h"

#define USEC ((int64_t)1000000)
#define HOUR (3600 * USEC)
#define DAY (24 * HOUR)

void
incident_log(struct request *rq, const char *action, int64_t id, const char *reason)
{
	audit_queue_one(rq->tx, rq->a, action, "incident", id, 0, reason);
}

void
incident_words(struct request *rq, const struct incident *in, struct json_object *o)
{
	const char *tag = lang_tag(request_lang(rq));
	struct json_object *badge;

	model_text(o, "url", arena_printf(rq->a, "/privacy/incidents/%lld", (long long)in->id));
	model_text(o, "kind_word", say_word(rq, "incidents.kind", in->kind));
	model_text(o, "state_word", say_word(rq, "incidents.state", in->state));
	model_text(o, "aware", time_show(rq->a, in->aware_at, tag));
	model_text(o, "target", time_show(rq->a, in->target_at, tag));
	model_text(o, "ceiling", date_show(rq->a, in->ceiling_on, tag));
	badge = model_child(o, "badge");
	if (in->closed_at != 0) {
		model_text(badge, "kind", "neutral");
		model_text(badge, "text", say(rq, "incidents.badge.closed"));
	} else if (in->undecided_late) {
		model_text(badge, "kind", "danger");
		model_text(badge, "text", say(rq, "incidents.badge.undecided"));
	} else if (in->approved_at == 0) {
		bool past = in->now > in->target_at;

		model_text(badge, "kind", past ? "warning" : "info");
		model_text(badge, "text",
			past ? say(rq, "incidents.badge.past")
			     : count_text(rq, "incidents.left",
				       (in->target_at - in->now + HOUR - 1) / HOUR));
	} else {
		model_text(badge, "kind", "info");
		model_text(badge, "text", say(rq, "incidents.badge.decided"));
	}
}

void
incident_crumbs(struct request *rq, const struct incident *in, struct json_object *page)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	o = model_item(list);
	model_text(o, "label", say(rq, "incidents.title"));
	model_text(o, "url", "/privacy/incidents");
	if (in == NULL)
		return;
	o = model_item(list);
	model_text(o, "label", in->reference);
	model_text(o, "url", arena_printf(rq->a, "/privacy/incidents/%lld", (long long)in->id));
}

struct json_object *
incident_field(struct request *rq, struct json_object *list, const char *type, const char *name,
	const char *value)
{
	return form_field(rq, list, type, name,
		say_word(rq, "incidents", arena_printf(rq->a, "%s_title", name)), value);
}

void
incident_read_time(
	struct request *rq, const char *name, int64_t preset, int64_t *at_r, struct err **e)
{
	const char *typed = request_text(rq, name);
	char day[11];

	*at_r = preset;
	if (typed == NULL)
		return;
	if (date_normalise(typed, day))
		typed = arena_printf(rq->a, "%sT00:00", day);
	if (!time_parse(typed, at_r))
		err_add_field(rq->a, e, name, "error.time", NULL);
	else if (*at_r < date_number("1996-12-20") * DAY)
		err_add_field(rq->a, e, name, "error.range", "1996-12-20");
}
