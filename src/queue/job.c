/* SPDX-License-Identifier: ISC */
#include "job.h"

STMT(insert, "job.enqueue", 4,
	"with n as (insert into job (kind, args, unique_key, created_by) "
	"values ($1, $2::jsonb, $3, $4::bigint) "
	"on conflict (unique_key) where state in ('queued', 'running') do nothing returning "
	"job_id) "
	"select job_id from n union all "
	"select job_id from job where unique_key = $3 and state in ('queued', 'running')");
STMT(keep_secret, "job.keep_secret", 2,
	"insert into job_secret (job_id, sealed) values ($1::bigint, $2)");

/* Somebody else's job with our key can end between our insert and our look. */
#define ATTEMPTS 3

struct err *
job_enqueue(struct tx *tx, struct arena *a, const char *kind, struct json_object *args,
	const char *unique_key, int64_t created_by, int64_t *job_r)
{
	const char *text =
		args != NULL ? json_object_to_json_string_ext(args, JSON_C_TO_STRING_PLAIN) : "{}";
	struct rows *rows;

	*job_r = 0;
	for (int i = 0; i < ATTEMPTS; i++) {
		TRY(tx_query(tx, &insert,
			VALS(val_text(kind), val_text(text), val_text(unique_key),
				val_id(created_by)),
			&rows));
		if (rows_count(rows) > 0) {
			*job_r = rows_i64(rows, 0, 0);
			tx_ring(tx);
			return NULL;
		}
	}
	return err_busy(a, "job %s: its key changes hands", kind);
}

void
job_keep_secret(struct tx *tx, int64_t job, struct bytes sealed)
{
	tx_queue(tx, &keep_secret, VALS(val_i64(job), val_bytes(sealed)), NULL);
}
