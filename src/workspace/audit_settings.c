/* SPDX-License-Identifier: ISC */
/* How long the audit log is kept, which months there are, and what is held longer. */
#include "workspace.h"

#include <string.h>

#include "audit.h"
#include "controls.h"
#include "date.h"
#include "month.h"

static const char *
state_kind(const char *state)
{
	static const char *const kinds[][2] = {{"current", "info"}, {"held", "warning"},
		{"past", "warning"}, {"missing", "danger"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i][0], state) == 0)
			return kinds[i][1];
	return "neutral";
}

static const char *
text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static const char *
bytes_text(const struct request *rq, int64_t n)
{
	const int64_t mib = (int64_t)1 << 20;

	if (n < mib)
		return arena_printf(rq->a, "%s KiB", number_text(rq->a, (n + 1023) / 1024));
	return arena_printf(rq->a, "%s MiB", number_text(rq->a, (n + mib - 1) / mib));
}

/* Words for what the model has as codes and numbers. */
static void
month_words(const struct request *rq, struct json_object *item)
{
	const char *lang = lang_tag(request_lang(rq)), *state = text_of(item, "state");
	const char *goes = text_of(item, "goes_on"), *gone = text_of(item, "gone_on");

	model_text(item, "state_label", say_word(rq, "months.state", state));
	model_text(item, "state_kind", state_kind(state));
	model_text(item, "size",
		bytes_text(rq, json_object_get_int64(json_object_object_get(item, "bytes"))));
	if (goes != NULL)
		model_text(item, "goes_text", date_show(rq->a, goes, lang));
	if (gone != NULL)
		model_text(item, "gone_text", date_show(rq->a, gone, lang));
}

static void
hold_words(const struct request *rq, struct json_object *item)
{
	const char *lang = lang_tag(request_lang(rq));
	int64_t at;

	model_text(item, "from_text", date_show(rq->a, text_of(item, "from"), lang));
	model_text(item, "to_text", date_show(rq->a, text_of(item, "to"), lang));
	model_text(item, "reason_label", say_word(rq, "months.reason", text_of(item, "reason")));
	if (time_parse(text_of(item, "set_at"), &at))
		model_text(item, "set_text", time_show(rq->a, at, lang));
}

static void
each(const struct request *rq, struct json_object *list,
	void (*words)(const struct request *rq, struct json_object *item))
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		words(rq, json_object_array_get_idx(list, i));
}

static void
forms(struct request *rq, struct json_object *page, struct json_object *data)
{
	const char *keep = json_object_get_string(json_object_object_get(data, "keep_months"));
	struct json_object *list = model_list(page, "fields"), *f;

	f = form_field(rq, list, "number", "keep_months", say(rq, "months.keep"), keep);
	form_required(f);
	form_hint(rq, f, "months.keep_hint");
	f = form_field(rq, list, "boolean", "head_mail", say(rq, "months.head_mail"),
		json_object_get_string(json_object_object_get(data, "head_mail")));
	form_hint(rq, f, "months.head_mail_hint");
	list = model_list(page, "hold");
	form_required(form_field(rq, list, "date", "from", say(rq, "audit.from"), ""));
	form_required(form_field(rq, list, "date", "to", say(rq, "audit.to"), ""));
	f = form_field(rq, list, "choice", "reason", say(rq, "audit.reason"), "");
	form_required(f);
	form_words(rq, f, audit_hold_reasons, "months.reason");
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *data = response_data(rp), *page, *o;

	TRY(audit_months_model(rq->tx, rq->a, data));
	if (rq->api)
		return NULL;
	page = response_page(rp);
	TRY(audit_whole_model(rq, model_child(page, "whole")));
	each(rq, json_object_object_get(data, "items"), month_words);
	each(rq, json_object_object_get(data, "holds"), hold_words);
	model_text(page, "title", say(rq, "months.title"));
	model_text(page, "subtitle", say(rq, "settings.log_help"));
	o = model_item(model_list(page, "crumbs"));
	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE)) {
		model_bool(page, "may_change", true);
		forms(rq, page, data);
	}
	rp->template = "settings/audit";
	return NULL;
}

/* A refusal is shown in the form it came from. */
static struct err *
refuse(struct request *rq, struct response *rp, struct err *e)
{
	if (rq->api || e->kind != ERR_INVALID)
		return e;
	response_errors(rp, rq, e);
	return show(rq, rp);
}

static struct err *
keep(struct request *rq, struct response *rp)
{
	struct err *e = audit_months_keep(rq->tx, rq->a, request_i64(rq, "keep_months", 0));

	if (e != NULL)
		return refuse(rq, rp, e);
	if (request_value(rq, "head_mail") != NULL)
		TRY(audit_head_mail(rq->tx, rq->a, request_bool(rq, "head_mail", false)));
	response_flash(rp, "flash.saved");
	if (rq->api)
		return show(rq, rp);
	response_go(rp, rq, "/settings/audit");
	return NULL;
}

static struct err *
hold_set(struct request *rq, struct response *rp)
{
	int64_t id = 0;
	struct err *e = audit_hold_set(rq->tx, rq->a, request_text(rq, "from"),
		request_text(rq, "to"), request_text(rq, "reason"), &id);

	if (e != NULL)
		return refuse(rq, rp, e);
	response_flash(rp, "flash.saved");
	if (rq->api) {
		rp->status = 201;
		model_i64(response_data(rp), "id", id);
	} else {
		response_go(rp, rq, "/settings/audit");
	}
	return NULL;
}

static struct err *
hold_end(struct request *rq, struct response *rp)
{
	TRY(audit_hold_end(rq->tx, rq->a, request_id(rq, 0)));
	response_flash(rp, "flash.saved");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/settings/audit");
	return NULL;
}

static const struct param keep_params[] = {
	{"keep_months", P_I64, IN_BODY, 0, 0, true},
	{"head_mail", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param hold_params[] = {
	{"from", P_TEXT, IN_BODY, 0, 40, true},
	{"to", P_TEXT, IN_BODY, 0, 40, true},
	{"reason", P_TEXT, IN_BODY, 0, 40, true},
	PARAM_END,
};
static const struct param keep_form[] = {
	{"keep_months", P_I64, IN_BODY, 0, 0, false},
	{"head_mail", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param hold_form[] = {
	{"from", P_TEXT, IN_BODY, 0, 40, false},
	{"to", P_TEXT, IN_BODY, 0, 40, false},
	{"reason", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};

const struct route audit_settings_routes[] = {
	ROUTE(READ, GET, "/audit/months", ON_API, "", RIGHT_VIEW_AUDIT, "", show, NULL, NULL, "",
		"audit.months"),
	ROUTE(WRITE, PATCH, "/audit/months", ON_API, "", RIGHT_MANAGE_WORKSPACE, "setting", keep,
		keep_params, NULL, "", "audit.months_keep"),
	ROUTE(WRITE, POST, "/audit/holds", ON_API, "", RIGHT_MANAGE_WORKSPACE, "setting", hold_set,
		hold_params, NULL, "", "audit.hold_set"),
	ROUTE(WRITE, DELETE, "/audit/holds/{id}", ON_API, "", RIGHT_MANAGE_WORKSPACE, "setting",
		hold_end, NULL, NULL, "", "audit.hold_end"),
	ROUTE(READ, GET, "/settings/audit", ON_PAGE, "", RIGHT_VIEW_AUDIT, "", show, NULL, NULL,
		"settings/audit", "settings.audit"),
	ROUTE(WRITE, POST, "/settings/audit", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "setting", keep,
		keep_form, NULL, "settings/audit", "settings.audit_keep"),
	ROUTE(WRITE, POST, "/settings/audit/holds", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "setting",
		hold_set, hold_form, NULL, "settings/audit", "settings.audit_hold"),
	ROUTE(WRITE, POST, "/settings/audit/holds/{id}/end", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE,
		"setting", hold_end, NULL, NULL, "settings/audit", "settings.audit_hold_end"),
	ROUTE_END,
};
