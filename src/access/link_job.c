/* SPDX-License-Identifier: ISC */
#include "link_job.h"

#include <string.h>

#include "guard.h"
#include "job.h"
#include "link.h"

STMT(find_user, "link.by_email", 1,
	"select user_id from app_user "
	"where email_key = sha256(convert_to(lower($1), 'UTF8')) and active");

/* Mails an hour for one account, and for one address of the network. */
#define ACCOUNT_MAILS 3
#define ADDRESS_MAILS 20

static const char *
secret_place(struct arena *a, int64_t job)
{
	return arena_printf(a, "job_secret|%lld", (long long)job);
}

struct err *
link_ask(struct tx *tx, struct arena *a, const struct tenant *tn, const char *email, const char *ip,
	bool *locked_r)
{
	struct guard account = guard_of(a, tn, "reset.account", email, ACCOUNT_MAILS);
	struct guard address = guard_of(a, tn, "reset.address", ip, ADDRESS_MAILS);
	bool account_locked;
	struct bytes sealed;
	int64_t job;

	TRY(guard_locked(tx, &address, locked_r));
	TRY(guard_locked(tx, &account, &account_locked));
	if (*locked_r)
		return NULL;
	guard_count(tx, &address);
	guard_count(tx, &account);
	/* Somebody's letter-box is not to be filled; whoever asks is not told. */
	if (account_locked)
		return tx_run(tx);
	TRY(job_enqueue(tx, a, "link", NULL, NULL, 0, &job));
	sealed = seal_value(a, &tn->cursor, secret_place(a, job), email, strlen(email));
	job_keep_secret(tx, job, sealed);
	return tx_run(tx);
}

struct err *
link_step(struct job_run *run)
{
	const struct settings *st = tenancy_settings(run->tenancy);
	struct bytes sealed, plain = {NULL, 0};
	struct rows *rows;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(job_secret(run, tx, &sealed));
	if (sealed.p != NULL && !unseal_value(run->a, &run->tenant->cursor,
					secret_place(run->a, run->id), sealed, &plain))
		return err_internal(run->a, "the address of a request does not open");
	if (plain.p != NULL && st->mail_relay != NULL) {
		TRY(tx_query(tx, &find_user, VALS(val_text((const char *)plain.p)), &rows));
		if (rows_count(rows) > 0)
			TRY(link_send(
				tx, run->a, run->tenant, st, LINK_RESET, rows_i64(rows, 0, 0), 0));
	}
	job_finish(run, tx, NULL);
	return job_commit(run, tx);
}
