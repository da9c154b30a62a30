/* SPDX-License-Identifier: ISC */
/*
 * Asking for a mail to be sent.
 *
 * The mail is written, and sealed under a key of its own, in the transaction
 * that makes it necessary; a job hands it to the relay (mail/mail_job.h), tries
 * again for as long as the mail may live, and destroys key and text afterwards.
 */
#ifndef PRAYA_OUTBOX_H
#define PRAYA_OUTBOX_H

#include "tx.h"
#include "view.h"

struct seal_key;

struct outgoing {
	const char *kind;         /* "test": template mail/test, subject mail.subject.test */
	const char *to;           /* an address, checked (text_email) */
	const char *name;         /* of whom it goes to; NULL: not known */
	enum lang lang;           /* theirs */
	struct json_object *data; /* what the template sees as Data.*; NULL: nothing */
	const char *subject_arg;  /* fills the subject's "%s" */
	int64_t user_id;          /* the user it goes to; 0: somebody else */
	int64_t created_by;       /* whose doing; 0: Praya's own */
	int64_t life;             /* seconds it may wait for the relay; 0: two days */
};

/* kek: the workspace's key. Runs what the transaction has queued. */
struct err *outbox_add(struct tx *tx, struct arena *a, const struct seal_key *kek,
	const struct outgoing *m) ATTR_WARN_UNUSED;
/* The same, and which mail it is. */
struct err *outbox_put(struct tx *tx, struct arena *a, const struct seal_key *kek,
	const struct outgoing *m, int64_t *id_r) ATTR_WARN_UNUSED;

/* The mail alone, as that object: for one that no workspace sends. */
struct err *outbox_write(
	struct arena *a, const struct outgoing *m, struct json_object **mail_r) ATTR_WARN_UNUSED;

/* For the job: what outbox_add() has sealed, as an object {to, name, subject, html,
 * lang, id}. false: key or text are gone, or do not belong together. */
bool outbox_open(struct arena *a, const struct seal_key *kek, int64_t outbox_id, int64_t key_id,
	struct bytes wrapped, struct bytes sealed, struct json_object **mail_r);

#endif
