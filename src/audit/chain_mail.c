/* SPDX-License-Identifier: ISC */
/* The newest head goes to administrators once a month: a copy that nobody here can change. */
#include "chain_job.h"

#include "chain.h"
#include "outbox.h"
#include "response.h"
#include "token.h"

/* One process does it; without a link there is nothing to send. */
STMT(due, "chain.mail_due", 0,
	"update workspace set head_mailed = date_trunc('month', now() at time zone "
	"'Asia/Hong_Kong')::date where head_mail and coalesce(head_mailed, '-infinity') < "
	"date_trunc('month', now() at time zone 'Asia/Hong_Kong')::date and exists (select from "
	"audit_seal) returning 1");
STMT(last_seal, "chain.mail_head", 0,
	"select " SEAL_COLUMNS "from audit_seal order by seal_id desc limit 1");
STMT(readers, "chain.mail_readers", 0,
	"select u.user_id, u.email, u.name, u.language from app_user u join profile p using "
	"(profile_id) where u.active and p.builtin and p.name = 'administrator' order by 1 limit "
	"100");

static const char *
newest(struct job_run *run, const struct rows *r)
{
	struct head_key key;
	struct seal last;
	struct head h;
	const char *line;

	chain_row(run->a, r, 0, &last);
	h = chain_head_of(&last);
	head_key(run->tenant, &key);
	line = head_line(run->a, &key, &h);
	secret_wipe(&key, sizeof(key));
	return line;
}

static struct err *
tell(struct job_run *run, struct tx *tx, const char *head, const struct rows *to, size_t i)
{
	struct outgoing m = {.kind = "log_head",
		.to = rows_text(to, i, 1),
		.name = rows_text(to, i, 2),
		.lang = lang_parse(rows_text(to, i, 3)),
		.user_id = rows_i64(to, i, 0),
		.subject_arg = run->tenant->name};

	m.data = model_object(run->a);
	model_text(m.data, "workspace", run->tenant->name);
	model_text(m.data, "name", m.name);
	model_text(m.data, "head", head);
	model_text(m.data, "link", arena_printf(run->a, "%s/settings/audit", run->tenant->origin));
	return outbox_add(tx, run->a, &run->tenant->kek, &m);
}

struct err *
chain_mail(struct job_run *run)
{
	struct rows *r, *to;
	const char *head;
	struct tx *tx;

	if (tenancy_settings(run->tenancy)->mail_relay == NULL)
		return NULL;
	TRY(chore_begin(run, run->kind, &tx));
	TRY(tx_query(tx, &due, NO_VALS, &r));
	if (rows_count(r) > 0) {
		TRY(tx_query(tx, &last_seal, NO_VALS, &r));
		head = newest(run, r);
		TRY(tx_query(tx, &readers, NO_VALS, &to));
		for (size_t i = 0; i < rows_count(to); i++)
			TRY(tell(run, tx, head, to, i));
	}
	return tx_commit(tx);
}
