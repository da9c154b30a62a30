/* SPDX-License-Identifier: ISC */
/* The days on which no statutory period ends, a year at a time. */
#include "holiday.h"

#include <string.h>

#include "case.h"
#include "controls.h"
#include "date.h"
#include "event.h"
#include "gate.h"
#include "text.h"
#include "utf8.h"

#define YEAR_MIN 1997
#define YEAR_MAX 2199
#define NAME_MAX_CHARS 80

STMT(list_year, "holiday.list", 1,
	"select holiday_id, day::text, kind, name_en, name_zh, source from holiday "
	"where day >= make_date($1::bigint::int, 1, 1) and day <= make_date($1::bigint::int, 12, "
	"31) "
	"order by day");
STMT(this_year, "holiday.year", 0, "select extract(year from hk_today())::bigint");
STMT(list_years, "holiday.years", 0,
	"select distinct extract(year from day)::bigint from holiday order by 1");
STMT(add, "holiday.insert", 6,
	"insert into holiday (day, kind, name_en, name_zh, source, created_by) "
	"values ($1::date, $2, $3, $4, $5, $6::bigint) on conflict (day) do nothing "
	"returning holiday_id");
STMT(take_out, "holiday.delete", 1,
	"delete from holiday where holiday_id = $1::bigint returning day::text");

static const char *const kinds[] = {"general", "gale", "black_rain", NULL};

static void
add_days(struct request *rq, const struct rows *r, struct json_object *items)
{
	const char *tag = lang_tag(request_lang(rq));

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(items);

		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(o, "day", rows_text(r, i, 1));
		model_text(o, "kind", rows_text(r, i, 2));
		model_text(o, "name_en", rows_text(r, i, 3));
		model_text(o, "name_zh", rows_text(r, i, 4));
		model_text(o, "source", rows_text(r, i, 5));
		if (rq->api)
			continue;
		model_text(o, "shown", date_show(rq->a, rows_text(r, i, 1), tag));
		model_text(o, "weekday",
			say_word(rq, "weekday",
				arena_printf(rq->a, "%d",
					(int)((date_number(rows_text(r, i, 1)) + 4) % 7))));
		model_text(o, "name", rows_text(r, i, strcmp(tag, "en") == 0 ? 3 : 4));
		model_text(o, "kind_word", say_word(rq, "holidays.kind", rows_text(r, i, 2)));
	}
}

static struct err *
add_years(struct request *rq, struct json_object *page, int64_t year)
{
	struct json_object *list = model_list(page, "years");
	struct rows *r;

	TRY(tx_query(rq->tx, &list_years, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		const char *label = arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0));

		model_text(o, "label", label);
		model_text(o, "url", arena_printf(rq->a, "/settings/holidays?year=%s", label));
		model_bool(o, "active", rows_i64(r, i, 0) == year);
	}
	return NULL;
}

static struct err *
page_of(struct request *rq, struct json_object *page, int64_t year)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);
	struct holidays h;

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	model_text(page, "title", say(rq, "holidays.title"));
	model_text(page, "subtitle", say(rq, "holidays.lead"));
	TRY(add_years(rq, page, year));
	TRY(holidays_load(rq->tx, rq->a, &h));
	if (h.known < date_number(arena_printf(rq->a, "%04d-12-31", (int)year))) {
		o = model_item(model_list(page, "notices"));
		model_text(o, "kind", "warning");
		model_text(o, "text", say(rq, "holidays.unknown"));
	}
	list = model_list(page, "fields");
	o = form_field(rq, list, "date", "day", say(rq, "holidays.day"), "");
	form_required(o);
	o = form_field(rq, list, "choice", "kind", say(rq, "holidays.kind_title"), "gale");
	form_required(o);
	form_words(rq, o, kinds, "holidays.kind");
	o = form_field(rq, list, "text", "name_en", say(rq, "holidays.name_en"), "");
	form_hint(rq, o, "holidays.name_hint");
	model_i64(o, "max", NAME_MAX_CHARS);
	o = form_field(rq, list, "text", "name_zh", say(rq, "holidays.name_zh"), "");
	model_i64(o, "max", NAME_MAX_CHARS);
	o = form_field(rq, list, "text", "source", say(rq, "holidays.source"), "");
	form_hint(rq, o, "holidays.source_hint");
	model_bool(o, "wide", true);
	model_i64(o, "max", 200);
	return NULL;
}

static struct err *
list_days(struct request *rq, struct response *rp)
{
	int64_t year = request_i64(rq, "year", 0);
	struct rows *r;

	if (year == 0) {
		TRY(tx_query(rq->tx, &this_year, NO_VALS, &r));
		year = rows_i64(r, 0, 0);
	}
	TRY(tx_query(rq->tx, &list_year, VALS(val_i64(year)), &r));
	model_i64(response_data(rp), "year", year);
	add_days(rq, r, model_list(response_data(rp), "items"));
	model_null(response_data(rp), "next");
	if (rq->api)
		return NULL;
	rp->template = "settings/holidays";
	return page_of(rq, response_page(rp), year);
}

/* A name of a day; a day of a warning has the warning's when there is none. */
static const char *
read_name(struct request *rq, const char *param, const char *kind, enum lang lang, struct err **e)
{
	const char *typed = request_text(rq, param), *name;

	name = typed != NULL ? text_clean(rq->a, typed, false) : NULL;
	if (name != NULL && utf8_length(name) > NAME_MAX_CHARS)
		err_add_field(rq->a, e, param, "error.too_long", "80");
	if (name != NULL)
		return name;
	if (strcmp(kind, "general") == 0)
		err_add_field(rq->a, e, param, "error.required", NULL);
	return view_text(rq->a, lang, arena_printf(rq->a, "holidays.kind.%s", kind), NULL);
}

static const char *
read_kind(struct request *rq, struct err **e)
{
	const char *kind = form_word(rq, "kind", kinds, e);

	return kind != NULL ? kind : "gale";
}

static struct err *
insert_day(struct request *rq, int64_t *id_r)
{
	const char *day = request_text(rq, "day"), *kind, *name_en, *name_zh, *source;
	struct err *e = NULL;
	struct rows *r;

	if (day == NULL)
		err_add_field(rq->a, &e, "day", "error.required", NULL);
	else if (strcmp(day, "1997-01-01") < 0 || strcmp(day, "2199-12-31") > 0)
		err_add_field(rq->a, &e, "day", "error.range", "1997–2199");
	kind = read_kind(rq, &e);
	name_en = read_name(rq, "name_en", kind, LANG_EN, &e);
	name_zh = read_name(rq, "name_zh", kind, LANG_ZH, &e);
	source = request_text(rq, "source");
	source = source != NULL ? text_clean(rq->a, source, false) : NULL;
	if (e != NULL)
		return e;
	TRY(tx_query(rq->tx, &add,
		VALS(val_text(day), val_text(kind), val_text(name_en), val_text(name_zh),
			val_text(source != NULL ? source : ""), val_i64(rq->principal->user_id)),
		&r));
	if (rows_count(r) == 0) {
		err_add_field(rq->a, &e, "day", "error.holiday_there", NULL);
		return e;
	}
	*id_r = rows_i64(r, 0, 0);
	return case_roll(rq, day);
}

static struct err *
create(struct request *rq, struct response *rp)
{
	int64_t id;
	struct err *e = insert_day(rq, &id);

	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return list_days(rq, rp);
	}
	audit_queue_one(rq->tx, rq->a, "setting", "holiday", id, 0, "holiday_added");
	response_flash(rp, "flash.holiday_added");
	if (!rq->api) {
		response_go(rp, rq, "/settings/holidays?year=%.4s", request_text(rq, "day"));
		return NULL;
	}
	rp->status = 201;
	model_i64(response_data(rp), "id", id);
	model_text(response_data(rp), "day", request_text(rq, "day"));
	return NULL;
}

static struct err *
remove_day(struct request *rq, struct response *rp)
{
	int64_t id = request_id(rq, 0);
	struct rows *r;

	TRY(tx_query(rq->tx, &take_out, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(rq->tx, rq->a, "setting", "holiday", id, 0, "holiday_removed");
	response_flash(rp, "flash.holiday_removed");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/settings/holidays");
	return case_roll(rq, rows_text(r, 0, 0));
}

static const struct param year_params[] = {
	{"year", P_I64, IN_QUERY, YEAR_MIN, YEAR_MAX, false},
	PARAM_END,
};
/* All are asked for by the handler, so that a form comes back with what was typed. */
static const struct param day_params[] = {
	{"day", P_DATE, IN_BODY, 0, 0, false},
	{"kind", P_TEXT, IN_BODY, 0, 20, false},
	{"name_en", P_TEXT, IN_BODY, 0, 200, false},
	{"name_zh", P_TEXT, IN_BODY, 0, 200, false},
	{"source", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};

/* Whoever answers for the clock keeps its days. */
const struct route holiday_routes[] = {
	ROUTE(READ, GET, "/holidays", ON_API, "", RIGHT_SELF, "", list_days, year_params, NULL, "",
		"holiday.list"),
	ROUTE(WRITE, POST, "/holidays", ON_API, "", RIGHT_RUN_REQUESTS, "setting", create,
		day_params, NULL, "", "holiday.create"),
	ROUTE(WRITE, DELETE, "/holidays/{id}", ON_API, "", RIGHT_RUN_REQUESTS, "setting",
		remove_day, NULL, NULL, "", "holiday.delete"),
	ROUTE(READ, GET, "/settings/holidays", ON_PAGE, "", RIGHT_RUN_REQUESTS, "", list_days,
		year_params, NULL, "settings/holidays", "settings.holidays"),
	ROUTE(WRITE, POST, "/settings/holidays", ON_PAGE, "", RIGHT_RUN_REQUESTS, "setting", create,
		day_params, NULL, "settings/holidays", "settings.holiday_add"),
	ROUTE(WRITE, POST, "/settings/holidays/{id}/remove", ON_PAGE, "", RIGHT_RUN_REQUESTS,
		"setting", remove_day, NULL, NULL, "", "settings.holiday_remove"),
	ROUTE_END,
};
