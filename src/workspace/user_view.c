/* SPDX-License-Identifier: ISC */
/* Users as pages: the list, and the forms of one. */
#include <string.h>

#include "controls.h"
#include "date.h"
#include "hand_over.h"
#include "member.h"
#include "session_list.h"

STMT(profile_names, "profile.names", 0,
	"select name, builtin from profile order by builtin desc, profile_id limit 1000");
STMT(team_names, "team.names", 0, "select team_id, name from team order by lower(name) limit 1000");

void
member_from_row(const struct rows *r, size_t i, struct member *m)
{
	m->id = rows_i64(r, i, 0);
	m->version = rows_i64(r, i, 1);
	m->email = rows_text(r, i, 2);
	m->name = rows_text(r, i, 3);
	m->language = rows_text(r, i, 4);
	m->profile = rows_text(r, i, 5);
	m->profile_id = rows_i64(r, i, 6);
	m->builtin = rows_bool(r, i, 7);
	m->active = rows_bool(r, i, 8);
	m->password = rows_bool(r, i, 9);
	m->created_at = rows_i64(r, i, 10);
	m->last_sign_in_at = rows_i64(r, i, 11);
	m->tokens = rows_i64(r, i, 12);
	m->sessions = rows_i64(r, i, 13);
	m->invited = rows_bool(r, i, 14);
	m->two_step = rows_bool(r, i, 15);
	m->team_id = rows_i64(r, i, 16);
	m->team = rows_text(r, i, 17);
}

void
member_model(const struct request *rq, const struct member *m, struct json_object *o)
{
	model_i64(o, "id", m->id);
	model_text(o, "email", m->email);
	model_text(o, "name", m->name);
	model_text(o, "language", m->language);
	model_text(o, "profile", m->profile);
	if (m->team_id != 0)
		model_i64(o, "team_id", m->team_id);
	else
		model_null(o, "team_id");
	model_bool(o, "active", m->active);
	model_bool(o, "password_set", m->password);
	model_bool(o, "invited", m->invited);
	model_bool(o, "two_step", m->two_step);
	model_i64(o, "tokens", m->tokens);
	model_i64(o, "sessions", m->sessions);
	model_text(o, "created_at", time_rfc3339(rq->a, m->created_at));
	model_text(o, "last_sign_in_at",
		m->last_sign_in_at != 0 ? time_rfc3339(rq->a, m->last_sign_in_at) : NULL);
	model_i64(o, "version", m->version);
}

const char *
profile_label(const struct request *rq, const char *name, bool builtin)
{
	return builtin ? say_word(rq, "profile", name) : name;
}

static void
add_crumbs(const struct request *rq, struct json_object *page, bool users)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	if (!users)
		return;
	o = model_item(list);
	model_text(o, "label", say(rq, "users.title"));
	model_text(o, "url", "/settings/users");
}

static void
add_member_row(const struct request *rq, const struct member *m, struct json_object *row)
{
	const char *lang = lang_tag(request_lang(rq));
	struct json_object *cells = model_list(row, "cells");

	model_i64(row, "id", m->id);
	model_text(row, "url", arena_printf(rq->a, "/settings/users/%lld", (long long)m->id));
	model_bool(row, "muted", !m->active);
	table_cell(cells, m->name, NULL);
	table_cell(cells, m->email, NULL);
	table_cell(cells, profile_label(rq, m->profile, m->builtin), NULL);
	table_cell(cells, language_label(rq, m->language), NULL);
	table_cell(cells,
		m->last_sign_in_at != 0 ? time_show(rq->a, m->last_sign_in_at, lang)
					: say(rq, "users.never"),
		NULL);
	if (!m->active)
		table_cell(cells, say(rq, "users.inactive"), "neutral");
	else if (m->invited)
		table_cell(cells, say(rq, "users.invited"), "info");
	else if (!m->password)
		table_cell(cells, say(rq, "users.no_password"), "warning");
	else
		table_cell(cells, say(rq, "users.active"), "success");
}

void
member_table(const struct request *rq, struct json_object *page, const struct member *list,
	size_t n, const char *next)
{
	static const char *const columns[] = {"users.name", "users.email", "users.profile",
		"users.language_title", "users.last_sign_in", "users.state", NULL};
	struct json_object *rows, *o = model_list(page, "columns");

	model_text(page, "title", say(rq, "users.title"));
	model_text(page, "subtitle", say(rq, "settings.users_help"));
	add_crumbs(rq, page, false);
	for (const char *const *c = columns; *c != NULL; c++)
		table_column(o, say(rq, *c));
	rows = model_list(page, "rows");
	for (size_t i = 0; i < n; i++)
		add_member_row(rq, &list[i], model_item(rows));
	o = model_item(model_list(page, "actions"));
	model_text(o, "key", "new");
	model_text(o, "label", say(rq, "users.add"));
	model_text(o, "url", "/settings/users/new");
	if (next != NULL)
		model_text(model_child(page, "pager"), "next_url",
			arena_printf(rq->a, "/settings/users?after=%s", next));
}

static struct err *
add_profiles(struct request *rq, struct json_object *f)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &profile_names, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(f, rows_text(r, i, 0),
			profile_label(rq, rows_text(r, i, 0), rows_bool(r, i, 1)));
	return NULL;
}

/* None is a choice only where there are teams at all. */
static struct err *
add_teams(struct request *rq, struct json_object *list, const struct member *m)
{
	const char *now = m != NULL && m->team_id != 0
				  ? arena_printf(rq->a, "%lld", (long long)m->team_id)
				  : "";
	struct json_object *f;
	struct rows *r;

	if (m != NULL && m->id == rq->principal->user_id) {
		form_field(rq, list, "static", "team_id", say(rq, "access.team"),
			m->team != NULL ? m->team : "–");
		return NULL;
	}
	TRY(tx_query(rq->tx, &team_names, NO_VALS, &r));
	if (rows_count(r) == 0)
		return NULL;
	f = form_field(rq, list, "choice", "team_id", say(rq, "access.team"), now);
	form_option(f, "", say(rq, "users.no_team"));
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(f, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0)),
			rows_text(r, i, 1));
	return NULL;
}

static struct err *
form_fields(struct request *rq, struct json_object *list, const struct member *m)
{
	bool self = m != NULL && m->id == rq->principal->user_id;
	struct json_object *f;

	f = form_field(rq, list, "text", "name", say(rq, "users.name"), m != NULL ? m->name : "");
	form_required(f);
	model_i64(f, "max", 100);
	f = form_field(
		rq, list, "email", "email", say(rq, "users.email"), m != NULL ? m->email : "");
	form_required(f);
	model_i64(f, "max", 254);
	form_hint(rq, f, "users.email_hint");
	if (self) {
		f = form_field(rq, list, "static", "profile", say(rq, "users.profile"),
			profile_label(rq, m->profile, m->builtin));
		form_hint(rq, f, "users.own_profile");
	} else {
		f = form_field(rq, list, "choice", "profile", say(rq, "users.profile"),
			m != NULL ? m->profile : "");
		form_required(f);
		TRY(add_profiles(rq, f));
	}
	if (m != NULL)
		TRY(add_teams(rq, list, m));
	f = form_field(rq, list, "choice", "language", say(rq, "users.language_title"),
		m != NULL ? m->language : lang_tag(request_lang(rq)));
	form_required(f);
	form_languages(rq, f);
	return NULL;
}

static void
password_field(struct request *rq, struct json_object *list, const char *hint, bool required)
{
	struct json_object *f =
		form_field(rq, list, "password", "password", say(rq, "users.password"), "");

	model_text(f, "autocomplete", "new-password");
	model_i64(f, "max", 128);
	form_hint(rq, f, hint);
	if (required)
		form_required(f);
}

static void
facts(const struct request *rq, const struct member *m, struct json_object *page)
{
	const char *lang = lang_tag(request_lang(rq));
	struct json_object *o = model_child(page, "user");

	model_bool(o, "active", m->active);
	model_bool(o, "password", m->password);
	model_bool(o, "invited", m->invited);
	model_bool(o, "two_step", m->two_step);
	model_bool(o, "mail", gate_settings()->mail_relay != NULL);
	model_bool(o, "self", m->id == rq->principal->user_id);
	model_text(o, "created", time_show(rq->a, m->created_at, lang));
	model_text(o, "last_sign_in",
		m->last_sign_in_at != 0 ? time_show(rq->a, m->last_sign_in_at, lang)
					: say(rq, "users.never"));
	model_i64(o, "sessions", m->sessions);
	model_i64(o, "tokens", m->tokens);
	model_text(o, "access_url",
		arena_printf(rq->a, "/settings/users/%lld/access", (long long)m->id));
	model_text(o, "audit_url",
		principal_may(rq->principal, ENTITY_NONE, RIGHT_VIEW_AUDIT)
			? arena_printf(rq->a, "/audit?actor=%lld", (long long)m->id)
			: NULL);
}

struct err *
member_form(struct request *rq, struct response *rp, const struct member *m)
{
	struct json_object *page = response_page(rp),
			   *group = model_item(model_list(page, "groups"));
	const char *url;

	add_crumbs(rq, page, true);
	model_text(page, "cancel_url", "/settings/users");
	model_text(group, "name", "user");
	if (m == NULL) {
		struct json_object *list = model_list(group, "fields");

		model_text(page, "title", say(rq, "users.add"));
		model_text(page, "action", "/settings/users");
		model_text(page, "submit", say(rq, "users.add"));
		model_text(group, "label", say(rq, "users.person"));
		TRY(form_fields(rq, list, NULL));
		password_field(rq, list,
			gate_settings()->mail_relay != NULL ? "users.password_or_invite"
							    : "users.password_hint",
			false);
		rp->template = "record/form";
		return NULL;
	}
	url = arena_printf(rq->a, "/settings/users/%lld", (long long)m->id);
	model_text(page, "title", m->name);
	model_text(page, "subtitle", m->email);
	model_text(page, "action", url);
	model_text(page, "link_url", arena_printf(rq->a, "%s/link", url));
	model_text(page, "two_step_url", arena_printf(rq->a, "%s/two-step", url));
	model_text(page, "view_as_url", arena_printf(rq->a, "%s/view-as", url));
	model_text(page, "sessions_url", arena_printf(rq->a, "%s/sessions", url));
	model_i64(page, "version", m->version);
	model_text(group, "label", say(rq, "users.person"));
	TRY(form_fields(rq, model_list(group, "fields"), m));
	password_field(rq, model_list(page, "password"), "users.password_hint", true);
	facts(rq, m, page);
	rp->template = "settings/user";
	TRY(session_list(
		rq, m->id, arena_printf(rq->a, "%s/sessions", url), model_list(page, "sessions")));
	return m->active ? hand_over_form(rq, m->id, page) : NULL;
}
