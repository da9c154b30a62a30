/* SPDX-License-Identifier: ISC */
/* Where a workspace's data lies: region, database server, file store, backups, mail. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backup.h"
#include "conninfo.h"
#include "controls.h"
#include "date.h"
#include "gate.h"
#include "workspace.h"

STMT(database, "place.database", 0,
	"select current_database()::text, current_setting('server_version'), "
	"pg_database_size(current_database())");

#define HOST_SIZE 256

/* The server's name; this machine's own where it is reached by a socket. */
static const char *
server_name(struct request *rq)
{
	const char *host = conninfo_get(rq->a, gate_settings()->tenant_db, "host");
	char *name = arena_alloc(rq->a, HOST_SIZE);

	if (host != NULL && host[0] != '/' && host[0] != '\0')
		return host;
	if (gethostname(name, HOST_SIZE) != 0)
		return "localhost";
	name[HOST_SIZE - 1] = '\0';
	return name;
}

static void
add_backups(struct request *rq, struct json_object *o)
{
	const struct settings *st = gate_settings();
	const char **list = NULL;
	int64_t at = 0;
	size_t n = 0;

	model_bool(o, "made", st->backups != NULL);
	model_i64(o, "every_hours", st->backup_every);
	model_i64(o, "keep_days", st->backup_keep);
	/* A folder that this process may not look into says nothing. */
	if (backup_list(st, rq->a, rq->tenant->id, &list, &n) == NULL && n > 0)
		at = backup_time(list[0]) * 1000000;
	model_text(o, "last_at", at == 0 ? NULL : time_rfc3339(rq->a, at));
	if (rq->api || at == 0)
		return;
	model_text(o, "last", time_show(rq->a, at, lang_tag(request_lang(rq))));
	model_i64(o, "archives", (int64_t)n);
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp), *part;
	struct rows *r;

	TRY(tx_query(rq->tx, &database, NO_VALS, &r));
	model_text(o, "region", rq->tenant->region);
	part = model_child(o, "database");
	model_text(part, "server", server_name(rq));
	model_text(part, "name", rows_text(r, 0, 0));
	model_text(part, "version", rows_text(r, 0, 1));
	model_i64(part, "bytes", rows_i64(r, 0, 2));
	part = model_child(o, "files");
	model_text(part, "server", server_name(rq));
	model_text(part, "folder", strrchr(rq->tenant->files, '/') + 1);
	add_backups(rq, model_child(o, "backups"));
	part = model_child(o, "mail");
	model_text(part, "relay", gate_settings()->mail_relay);
	model_text(part, "sender", gate_settings()->mail_from);
	if (rq->api)
		return NULL;
	model_text(response_page(rp), "title", say(rq, "place.title"));
	model_crumb(response_page(rp), say(rq, "settings.title"), "/settings");
	/* MB, rounded up. */
	model_i64(response_page(rp), "megabytes", (rows_i64(r, 0, 2) + 999999) / 1000000);
	model_text(response_page(rp), "region", say_word(rq, "region", rq->tenant->region));
	model_text(response_page(rp), "law", say_word(rq, "place.law", rq->tenant->region));
	return NULL;
}

const struct route place_routes[] = {
	ROUTE(READ, GET, "/settings/workspace", ON_BOTH, "", RIGHT_MANAGE_WORKSPACE, "", show, NULL,
		NULL, "settings/place", "settings.workspace"),
	ROUTE_END,
};
