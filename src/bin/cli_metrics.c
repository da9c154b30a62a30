/* SPDX-License-Identifier: ISC */
/* praya metrics: what the processes counted and the databases say, for Prometheus. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "log.h"
#include "metrics.h"
#include "routes.h"

#define TEXT_MAX ((size_t)16 << 20)
#define REQUEST_MS 5000
/* More workspaces with work at one moment are counted; those that wait longest are looked into. */
#define LOOK_INTO 100

STMT(waiting, "cell.metrics", 0,
	"select count(*) filter (where dirty_at is not null), "
	"coalesce(extract(epoch from now() - min(dirty_at)), 0)::bigint from wakeup");
STMT(with_work, "cell.metrics_work", 1,
	"select tenant_id from wakeup where dirty_at is not null or taken_at is not null "
	"or next_due_at < now() + interval '1 hour' order by least(dirty_at, taken_at, "
	"next_due_at), "
	"tenant_id limit $1::bigint");
STMT(jobs, "owner.metrics_jobs", 0,
	"select state, count(*), coalesce(max(extract(epoch from now() - case state "
	"when 'queued' then least(run_at, now()) when 'running' then started_at else finished_at "
	"end)), 0)::bigint from job where state in ('queued', 'running') "
	"or (state = 'failed' and finished_at > now() - interval '1 day') group by state");
STMT(mails, "owner.metrics_mails", 0,
	"select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::bigint "
	"from outbox where state = 'waiting'");

static const char *const states[] = {"queued", "running", "failed"};

#define STATES (sizeof(states) / sizeof(states[0]))

struct work {
	int64_t dirty, dirty_age;
	int64_t jobs[STATES], age[STATES];
	int64_t mails, mail_age;
};

static struct err *
look_into(struct cli *c, int64_t id, struct work *w)
{
	struct tenant *tn;
	struct conn *conn;
	struct rows *r;

	TRY(tenant_by_id(cli_tenancy(c), c->a, id, &tn));
	if (tn == NULL || tn->conninfo == NULL)
		return NULL;
	TRY(tenant_conn_migrate(cli_tenancy(c), c->a, tn, &conn));
	TRY(conn_query(conn, c->a, &jobs, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++)
		for (size_t s = 0; s < STATES; s++) {
			if (strcmp(rows_text(r, i, 0), states[s]) != 0)
				continue;
			w->jobs[s] += rows_i64(r, i, 1);
			if (rows_i64(r, i, 2) > w->age[s])
				w->age[s] = rows_i64(r, i, 2);
		}
	TRY(conn_query(conn, c->a, &mails, NO_VALS, &r));
	w->mails += rows_i64(r, 0, 0);
	if (rows_i64(r, 0, 1) > w->mail_age)
		w->mail_age = rows_i64(r, 0, 1);
	return NULL;
}

static struct err *
gather(struct cli *c, struct work *w)
{
	struct conn *cell;
	struct rows *r;

	TRY(cell_conn(cli_tenancy(c), c->a, &cell));
	TRY(conn_query(cell, c->a, &waiting, NO_VALS, &r));
	w->dirty = rows_i64(r, 0, 0);
	w->dirty_age = rows_i64(r, 0, 1);
	TRY(conn_query(cell, c->a, &with_work, VALS(val_i64(LOOK_INTO)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		TRY(look_into(c, rows_i64(r, i, 0), w));
	return NULL;
}

static void
gauge(struct sb *sb, const char *name, const char *help, int64_t value)
{
	sb_printf(sb, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help, name, name,
		(long long)value);
}

static void
print_work(struct sb *sb, const struct work *w)
{
	gauge(sb, "praya_workspaces_waiting", "Workspaces with work that no worker has taken.",
		w->dirty);
	gauge(sb, "praya_workspaces_waiting_seconds", "Of those, how long the first one waits.",
		w->dirty_age);
	sb_puts(sb, "# HELP praya_jobs Jobs by state; failed: within a day.\n"
		    "# TYPE praya_jobs gauge\n");
	for (size_t s = 0; s < STATES; s++)
		sb_printf(sb, "praya_jobs{state=\"%s\"} %lld\n", states[s], (long long)w->jobs[s]);
	sb_puts(sb, "# HELP praya_jobs_age_seconds The longest in that state.\n"
		    "# TYPE praya_jobs_age_seconds gauge\n");
	for (size_t s = 0; s < STATES; s++)
		sb_printf(sb, "praya_jobs_age_seconds{state=\"%s\"} %lld\n", states[s],
			(long long)w->age[s]);
	gauge(sb, "praya_outbox_waiting", "Mails that the relay does not have yet.", w->mails);
	gauge(sb, "praya_outbox_age_seconds", "Of those, how long the first one waits.",
		w->mail_age);
}

/* What cannot be asked is missing, and praya_up says so. */
static const char *
text_of(struct cli *c)
{
	struct work w = {.dirty = 0};
	struct err *e;
	struct sb sb;

	sb_init(&sb, c->a, TEXT_MAX);
	routes_init(praya_routes);
	if (c->st->metrics == NULL || !metrics_print(c->st->metrics, &sb))
		log_warn("Metrics.Folder is not set or not there: nothing of web processes");
	e = gather(c, &w);
	if (e != NULL)
		log_warn("%s", e->detail != NULL ? e->detail : err_name(e->kind));
	else
		print_work(&sb, &w);
	gauge(&sb, "praya_up", "1 when the region's databases answer.", e == NULL);
	return sb.p;
}

/* The request's first line and the end of its head, within a moment. */
static const char *
read_request(struct cli *c)
{
	char *text = arena_alloc(c->a, 8193);
	size_t n = 0;

	while (n < 8192) {
		struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
		ssize_t got =
			poll(&p, 1, REQUEST_MS) > 0 ? read(STDIN_FILENO, text + n, 8192 - n) : -1;

		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
		if (strstr(text, "\r\n\r\n") != NULL || strstr(text, "\n\n") != NULL)
			return text;
	}
	return NULL;
}

static struct err *
answer_http(struct cli *c)
{
	const char *request = read_request(c), *text = "", *status = "400 Bad Request";

	if (request != NULL && strncmp(request, "GET ", 4) != 0)
		status = "405 Method Not Allowed";
	else if (request != NULL && strncmp(request + 4, "/metrics ", 9) != 0)
		status = "404 Not Found";
	else if (request != NULL) {
		status = "200 OK";
		text = text_of(c);
	}
	printf("HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
	       "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		status, strlen(text), text);
	return NULL;
}

static struct err *
run_metrics(struct cli *c)
{
	if (cli_flag(c, "http"))
		return answer_http(c);
	fputs(text_of(c), stdout);
	return NULL;
}

const struct cli_verb cli_metrics_verbs[] = {
	CLI_VERB("metrics", run_metrics, 0, 0, "http", "[--http]",
		"figures for Prometheus; --http: one request on stdin, the answer on stdout"),
	CLI_END,
};
