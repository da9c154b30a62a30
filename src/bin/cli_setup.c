/* SPDX-License-Identifier: ISC */
/* praya init, doctor, routes */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "doctor.h"
#include "params.h"
#include "routes.h"
#include "smtp.h"

static struct err *
run_init(struct cli *c)
{
	bool made;

	TRY(provision_init(c->st, c->a, &made));
	printf("region %s is set up\n", c->st->region);
	if (made)
		printf("%s was made: keep a copy where no backup of the databases lies; without "
		       "it nothing here can be read\n",
			c->st->master_key);
	return NULL;
}

static const char *
level_name(enum finding_level level)
{
	static const char *const names[] = {
		[FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_FAULT] = "fault"};

	return names[level];
}

static struct json_object *
finding_json(const struct finding *f)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "level", json_object_new_string(level_name(f->level)));
	json_object_object_add(o, "about", json_object_new_string(f->about));
	json_object_object_add(o, "what", json_object_new_string(f->what));
	json_object_object_add(o, "mend", json_object_new_string(f->mend));
	return o;
}

/* Whether mail goes out; stands here because tenant/ knows nothing of mail. */
static struct finding
mail_finding(struct cli *c)
{
	struct finding f = {.level = FINDING_OK, .about = "mail", .mend = ""};
	struct smtp_result r;

	if (c->st->mail_relay == NULL) {
		f.level = FINDING_NOTE;
		f.what = "Mail.Relay is not set: no invitation and no link to a new password goes "
			 "out";
		return f;
	}
	r = smtp_try(c->a, c->st);
	if (r.outcome == SMTP_SENT) {
		f.what = arena_printf(c->a, "%s answers%s", c->st->mail_relay,
			strcmp(c->st->mail_tls, "none") == 0 ? "" : ", over TLS");
		return f;
	}
	f.level = FINDING_FAULT;
	f.what = arena_printf(c->a, "%s: %s, status %ld", c->st->mail_relay, r.why, r.status);
	f.mend = "look at the settings Mail.*, the relay and its certificate";
	return f;
}

static void
print_finding(struct cli *c, struct json_object *all, const struct finding *f, int *faults)
{
	*faults += f->level == FINDING_FAULT;
	json_object_array_add(all, finding_json(f));
	if (!cli_flag(c, "json"))
		printf("%-6s%s: %s%s%s\n", level_name(f->level), f->about, f->what,
			f->mend[0] != '\0' ? "; to mend: " : "", f->mend);
}

static struct err *
run_doctor(struct cli *c)
{
	struct json_object *all = json_object_new_array();
	struct finding mail;
	int faults = 0;

	for (const struct finding *f = doctor_run(c->st, c->a); f != NULL; f = f->next)
		print_finding(c, all, f, &faults);
	mail = mail_finding(c);
	print_finding(c, all, &mail, &faults);
	if (cli_flag(c, "json"))
		cli_json(all);
	else
		json_object_put(all);
	return faults == 0
		       ? NULL
		       : cli_fail(c, ERR_CONFLICT, "%d faults, each with its remedy above", faults);
}

static const char *
surface_name(enum surface s)
{
	static const char *const names[] = {[ON_PAGE] = "page",
		[ON_API] = "api",
		[ON_BOTH] = "both",
		[ON_DESK_PAGE] = "desk_page",
		[ON_DESK_API] = "desk_api",
		[ON_DESK_BOTH] = "desk_both",
		[ON_DOOR_PAGE] = "door_page",
		[ON_DOOR_API] = "door_api",
		[ON_DOOR_BOTH] = "door_both"};

	return names[s];
}

static const char *
method_text(enum method m)
{
	static const char *const names[] = {[METHOD_GET] = "GET",
		[METHOD_POST] = "POST",
		[METHOD_PATCH] = "PATCH",
		[METHOD_DELETE] = "DELETE",
		[METHOD_OTHER] = "OTHER"};

	return names[m];
}

static const char *
kind_name(enum route_kind k)
{
	static const char *const names[] = {[ROUTE_READ] = "read",
		[ROUTE_WRITE] = "write",
		[ROUTE_CHANGE] = "change",
		[ROUTE_STREAM] = "stream"};

	return names[k];
}

static const char *
type_name(enum param_type t)
{
	static const char *const names[] = {[P_TEXT] = "text",
		[P_LONG] = "long",
		[P_I64] = "integer",
		[P_BOOL] = "boolean",
		[P_DATE] = "date",
		[P_TEXTS] = "texts",
		[P_I64S] = "integers",
		[P_JSON] = "json",
		[P_FILE] = "file",
		[P_FILTERS] = "filters"};

	return names[t];
}

static struct json_object *
params_json(const struct param *p)
{
	struct json_object *all = json_object_new_array();

	for (; p != NULL && p->name != NULL; p++) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "name", json_object_new_string(p->name));
		json_object_object_add(o, "type", json_object_new_string(type_name(p->type)));
		json_object_object_add(o, "query", json_object_new_boolean(p->in != IN_BODY));
		json_object_object_add(o, "body", json_object_new_boolean(p->in != IN_QUERY));
		json_object_object_add(o, "min", json_object_new_int64(p->min));
		json_object_object_add(o, "max", json_object_new_int64(param_max(p)));
		json_object_object_add(o, "required", json_object_new_boolean(p->required));
		json_object_array_add(all, o);
	}
	return all;
}

static struct json_object *
route_json(const struct route *r)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "name", json_object_new_string(r->name));
	json_object_object_add(o, "kind", json_object_new_string(kind_name(r->kind)));
	json_object_object_add(o, "method", json_object_new_string(method_text(r->method)));
	json_object_object_add(o, "path", json_object_new_string(r->path));
	json_object_object_add(o, "surface", json_object_new_string(surface_name(r->surface)));
	json_object_object_add(o, "entity", json_object_new_string(r->entity));
	json_object_object_add(o, "right", json_object_new_string(right_name(r->right)));
	json_object_object_add(o, "action", json_object_new_string(r->action));
	json_object_object_add(o, "verify", json_object_new_boolean(route_is_grave(r)));
	json_object_object_add(o, "params", params_json(r->params));
	json_object_object_add(
		o, "fields", r->fields != NULL ? json_object_new_string(r->fields) : NULL);
	return o;
}

static struct err *
run_routes(struct cli *c)
{
	struct json_object *all = json_object_new_array();
	const struct route *const *list;
	size_t n;

	routes_init(praya_routes);
	n = routes_all(&list);
	for (size_t i = 0; i < n; i++) {
		const struct route *r = list[i];

		json_object_array_add(all, route_json(r));
		if (!cli_flag(c, "json"))
			printf("%-7s%-44s %-5s %-10s %-16s %s\n", method_text(r->method), r->path,
				surface_name(r->surface), r->entity, right_name(r->right), r->name);
	}
	if (cli_flag(c, "json"))
		cli_json(all);
	else
		json_object_put(all);
	return NULL;
}

const struct cli_verb cli_setup_verbs[] = {
	CLI_VERB("init", run_init, 0, 0, "", "",
		"roles, directory, cell database, master key, template; may be run again"),
	CLI_VERB("doctor", run_doctor, 0, 0, "json", "[--json]",
		"check the installation, and say how to mend each finding"),
	CLI_VERB("routes", run_routes, 0, 0, "json", "[--json]",
		"the route table, with the right each needs"),
	CLI_END,
};
