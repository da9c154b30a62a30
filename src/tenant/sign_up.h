/* SPDX-License-Identifier: ISC */
/*
 * Workspaces that somebody asks for at a host of their own (Base.SignUpHost), kept in the
 * region's database until they are made: asked, mailed, confirmed by the link with a password,
 * made by the worker, who alone has rights in the cluster. Before the confirmation nothing of the
 * workspace is there, and after a day nothing of what was asked. What was typed is sealed under
 * the region's key; the link's secret is kept as its digest once the mail is out.
 *
 * The same way goes the question which workspaces an address belongs to: the answer is a mail.
 */
#ifndef PRAYA_SIGN_UP_H
#define PRAYA_SIGN_UP_H

#include "tenant.h"

enum sign_up_state {
	SIGN_UP_ASKED,
	SIGN_UP_MAILED,
	SIGN_UP_CONFIRMED,
	SIGN_UP_MADE,
	SIGN_UP_FAILED, /* somebody else was faster */
};

struct sign_up {
	int64_t id;
	bool find; /* a question for workspaces: email and lang only */
	enum sign_up_state state;
	const char *email;
	const char *lang;
	const char *name; /* of the workspace */
	const char *slug;
	const char *token; /* of the link, while the mail is to be sent */
	const char *password_hash;
	int64_t tenant_id;
	int64_t attempts;
	int64_t now; /* seconds since 1970 */
	bool same;   /* sign_up_find(): asked by the browser that confirmed */
};

/* Its host in the shape of a workspace, for what pages are made of. It has no database. */
struct err *tenancy_door(struct tenancy *t, struct arena *a, struct tenant **door_r);

/* The address in links of such a host. */
const char *door_origin(const struct settings *st, struct arena *a, const char *host);

/* An hour, from one address of the network. */
#define SIGN_UP_ASKS 20

/* email, name, slug: checked (text_email, provision_check). *locked_r: more came from there. Too
 * much for one letter-box is dropped without a word. */
struct err *sign_up_ask(struct tenancy *t, struct arena *a, const struct sign_up *new,
	const char *ip, bool *locked_r) ATTR_WARN_UNUSED;
/* By the link's secret; visitor: nonce of the browser, NULL: none. *found_r false: it is over, or
 * there never was one. */
struct err *sign_up_find(struct tenancy *t, struct arena *a, const char *token, const char *visitor,
	struct sign_up *s_r, bool *found_r) ATTR_WARN_UNUSED;
/* *done_r false: it is no longer waiting for that. ERR_CONFLICT: another one confirmed the same
 * address. Rings for the worker. */
struct err *sign_up_confirm(struct tenancy *t, struct arena *a, const struct sign_up *s,
	const char *password_hash, const char *visitor, bool *done_r) ATTR_WARN_UNUSED;
/* What the browser that confirmed is handed over with, once, at the new host. */
const char *sign_up_ticket(struct tenancy *t, struct arena *a, int64_t id);

/* For the worker: the next that is due, for a minute nobody else's; *found_r false: none. What is
 * over its day goes. */
struct err *sign_up_take(
	struct tenancy *t, struct arena *a, struct sign_up *s_r, bool *found_r) ATTR_WARN_UNUSED;
/* The link's secret is forgotten with the mail. */
struct err *
sign_up_mailed(struct tenancy *t, struct arena *a, const struct sign_up *s) ATTR_WARN_UNUSED;
struct err *
sign_up_made(struct tenancy *t, struct arena *a, int64_t id, int64_t tenant_id) ATTR_WARN_UNUSED;
/* Somebody else has the address: what was typed goes. */
struct err *sign_up_failed(struct tenancy *t, struct arena *a, int64_t id) ATTR_WARN_UNUSED;
struct err *sign_up_drop(struct tenancy *t, struct arena *a, int64_t id) ATTR_WARN_UNUSED;
struct err *
sign_up_later(struct tenancy *t, struct arena *a, int64_t id, int64_t seconds) ATTR_WARN_UNUSED;

#endif
