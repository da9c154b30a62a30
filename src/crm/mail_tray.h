/* SPDX-License-Identifier: ISC */
/*
 * The tray: mail from, or to, an address of somebody who was erased. It makes nobody anew
 * and is in nobody's file; sealed under a key of its own it waits for whoever runs requests,
 * who lets it in when the person came back by an act of their own, or destroys it. What nobody
 * decided in thirty days is destroyed.
 */
#ifndef PRAYA_MAIL_TRAY_H
#define PRAYA_MAIL_TRAY_H

#include "record.h"

struct mail_tray_new {
	const char *address; /* the erased person's */
	const char *name;    /* as the mail has it; NULL: none */
	const char *subject;
	int64_t date; /* microseconds; 0: none */
	bool outgoing;
	const char *erased_on;
	struct bytes mail_key;
	const void *p; /* the message as it came */
	size_t n;
};

/* *kept_r false: the same message waits there already. */
struct err *mail_tray_put(const struct record_ctx *cx, const struct mail_tray_new *m, bool *kept_r);

struct mail_tray {
	int64_t id;
	struct seal_key key;
	struct json_object *particulars; /* address, name, subject, date, outgoing */
	const char *object;
	struct seal_key object_key;
	int64_t size;
};
/* One that waits. NOT_FOUND: there is none of that number; CONFLICT: it is decided already. */
struct err *mail_tray_find(const struct record_ctx *cx, int64_t id, struct mail_tray *m);
/* The same of one that is being let in. */
struct err *mail_tray_let_in(const struct record_ctx *cx, int64_t id, struct mail_tray *m);
/* NULL: the key is gone. r, i: key_id, wrapped, particulars at col. */
struct json_object *mail_tray_open(const struct record_ctx *cx, const struct rows *r, size_t i,
	size_t col, struct seal_key *key_r);
/* Queues: nobody opens it any more; the file itself goes with the next sweep of the store. */
void mail_tray_end(struct tx *tx, int64_t id);

/* A job: files one that was let in. In libmail.a, with mail_in.h. */
struct job_run;
struct err *mail_tray_step(struct job_run *run);

#endif
