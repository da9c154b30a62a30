/* SPDX-License-Identifier: ISC */
#include "mail_job.h"

#include <string.h>

#include "compose.h"
#include "event.h"
#include "log.h"
#include "outbox.h"
#include "smtp.h"
#include "tenant.h"

STMT(find, "mail.find", 1,
	"select o.state, o.kind, o.user_id, o.key_id, k.wrapped, o.sealed, o.attempts, "
	"o.expires_at <= now(), extract(epoch from now())::bigint "
	"from outbox o left join data_key k using (key_id) where o.outbox_id = $1::bigint "
	"for update of o");
STMT(attempt, "mail.attempt", 1,
	"update outbox set attempts = attempts + 1 where outbox_id = $1::bigint");
STMT(note, "mail.note", 2, "update outbox set error = $2 where outbox_id = $1::bigint");
STMT(finish, "mail.end", 3,
	"with o as (update outbox set state = $2, error = $3, sealed = null, ended_at = now() "
	"where outbox_id = $1::bigint and state = 'waiting' returning key_id) "
	"delete from data_key where key_id in (select key_id from o)");

/* Seconds until the next attempt, by how many there were. */
static const int64_t pauses[] = {30, 120, 600, 1800, 3600, 7200, 14400};

#define PAUSES (sizeof(pauses) / sizeof(pauses[0]))

struct sending {
	int64_t id;
	int64_t user_id;
	int64_t attempts;
	int64_t now;
	const char *kind;
	const char *to;
	struct bytes message;
};

static const char *
text_of(struct json_object *o, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(o, name, &v) ? json_object_get_string(v) : NULL;
}

static bool
put_together(struct job_run *run, struct sending *s, struct json_object *mail)
{
	const struct settings *st = tenancy_settings(run->tenancy);
	struct letter l = {.from = st->mail_from,
		.from_name = run->tenant->name,
		.to = text_of(mail, "to"),
		.to_name = text_of(mail, "name"),
		.subject = text_of(mail, "subject"),
		.html = text_of(mail, "html"),
		.lang = text_of(mail, "lang"),
		.message_id = text_of(mail, "id"),
		.domain = st->base_domain,
		.date = s->now};

	s->to = l.to;
	return compose(run->a, &l, &s->message);
}

/* Sent, or never to be: key and text go, the log has it. */
static struct err *
end_mail(struct job_run *run, struct tx *tx, const struct sending *s, const char *error)
{
	struct audit_event e = {.action = "send", .entity = "user", .reason = s->kind};

	if (error != NULL)
		e.outcome = "failed";
	e.reason = arena_printf(run->a, "mail_%s", s->kind);
	e.records = &s->user_id;
	e.nrecords = s->user_id != 0;
	audit_queue(tx, run->a, &e);
	tx_queue(tx, &finish,
		VALS(val_i64(s->id), val_text(error != NULL ? "failed" : "sent"), val_text(error)),
		NULL);
	job_finish(run, tx, NULL);
	if (error != NULL)
		log_warn("mail=%lld template=%s given up: %s", (long long)s->id, s->kind, error);
	return job_commit(run, tx);
}

/* *go_r: there is something to send, and this attempt is counted. */
static struct err *
begin_attempt(struct job_run *run, struct sending *s, bool *go_r)
{
	struct json_object *mail;
	struct rows *rows;
	struct tx *tx;

	*go_r = false;
	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, &find, VALS(val_i64(s->id)), &rows));
	if (rows_count(rows) == 0 || strcmp(rows_text(rows, 0, 0), "waiting") != 0) {
		job_finish(run, tx, NULL);
		return job_commit(run, tx);
	}
	s->kind = rows_text(rows, 0, 1);
	s->user_id = rows_i64(rows, 0, 2);
	s->attempts = rows_i64(rows, 0, 6) + 1;
	s->now = rows_i64(rows, 0, 8);
	if (rows_bool(rows, 0, 7))
		return end_mail(run, tx, s, "expired");
	if (!outbox_open(run->a, &run->tenant->kek, s->id, rows_i64(rows, 0, 3),
		    rows_bytes(run->a, rows, 0, 4), rows_bytes(run->a, rows, 0, 5), &mail) ||
		!put_together(run, s, mail))
		return end_mail(run, tx, s, "unreadable");
	tx_queue(tx, &attempt, VALS(val_i64(s->id)), NULL);
	job_progress(run, tx, run->done, run->total);
	*go_r = true;
	return job_commit(run, tx);
}

static struct err *
try_later(struct job_run *run, struct tx *tx, const struct sending *s, const struct smtp_result *r)
{
	size_t n = (size_t)s->attempts <= PAUSES ? (size_t)s->attempts - 1 : PAUSES - 1;

	log_warn("mail=%lld template=%s attempt=%lld not sent: %s status=%ld, again in %lld s",
		(long long)s->id, s->kind, (long long)s->attempts, r->why, r->status,
		(long long)pauses[n]);
	tx_queue(tx, &note, VALS(val_i64(s->id), val_text(r->why)), NULL);
	job_later(run, tx, pauses[n]);
	return job_commit(run, tx);
}

struct err *
mail_step(struct job_run *run)
{
	struct sending s = {.id = job_arg_i64(run, "mail")};
	struct smtp_result r;
	struct tx *tx;
	bool go;

	TRY(begin_attempt(run, &s, &go));
	if (!go)
		return NULL;
	r = smtp_send(run->a, tenancy_settings(run->tenancy), s.to, s.message.p, s.message.n);
	TRY(job_begin(run, &tx));
	if (r.outcome == SMTP_LATER)
		return try_later(run, tx, &s, &r);
	if (r.outcome == SMTP_SENT)
		log_info("mail=%lld template=%s attempt=%lld sent", (long long)s.id, s.kind,
			(long long)s.attempts);
	return end_mail(run, tx, &s, r.outcome == SMTP_SENT ? NULL : r.why);
}

void
mail_failed(struct job_run *run, struct tx *tx, const char *key)
{
	(void)key;
	tx_queue(tx, &finish,
		VALS(val_i64(job_arg_i64(run, "mail")), val_text("failed"), val_text("gave_up")),
		NULL);
}
