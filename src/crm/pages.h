/* SPDX-License-Identifier: ISC */
/*
 * Lists, details, forms and changes of any entity. The route's entity says
 * which; what an entity does beyond that stands in its own file and is called
 * through the hooks below.
 */
#ifndef PRAYA_PAGES_H
#define PRAYA_PAGES_H

#include "model.h"

/* What an entity adds to the common course. All may be NULL. */
struct entity_hooks {
	/* Body parameters that are not fields ("lines", "bill_to"). */
	const char *const *extra;
	/* Before the body of a change is read: what reading it depends on goes into cx. */
	struct err *(*prepare)(struct request *rq, struct record_ctx *cx, int64_t id);
	/* Before a record is inserted or changed: rules across fields. id 0: new. */
	struct err *(*before)(
		struct request *rq, const struct record_ctx *cx, int64_t id, struct changes *c);
	/* After it, in the same transaction. */
	struct err *(*after)(struct request *rq, const struct record_ctx *cx, int64_t id,
		bool created, const struct changes *c);
	/* Queues what its page and its API object need beside the fields, before the read ... */
	void (*queue)(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r);
	/* ... and adds it after the read. o is the API's object, page what only a page needs. */
	struct err *(*model)(struct request *rq, const struct record_ctx *cx,
		const struct record *rec, void *state, struct json_object *o,
		struct json_object *page);
	/* What its form has beside the fields, for a new record (rec NULL) too. */
	struct err *(*form)(struct request *rq, const struct record_ctx *cx,
		const struct record *rec, void *state, struct json_object *page);
	/* NULL: record/form. */
	const char *form_template;
};

const struct entity_hooks *entity_hooks(enum entity e);

extern const struct param list_params[];
extern const struct param search_params[];

handler_fn pages_list;         /* GET  /things */
handler_fn pages_search;       /* POST /things/search */
handler_fn pages_read;         /* GET  /things/{id} */
handler_fn pages_new;          /* GET  /things/new */
handler_fn pages_create;       /* POST /things */
handler_fn pages_edit;         /* GET  /things/{id}/edit */
handler_fn pages_update;       /* POST /things/{id}/edit, PATCH /things/{id} */
handler_fn pages_archive;      /* POST /things/{id}/archive, DELETE /things/{id} */
handler_fn pages_restore;      /* POST /things/{id}/restore */
handler_fn pages_children;     /* GET  /contacts/{id}/things */
handler_fn pages_create_child; /* POST /contacts/{id}/things */
handler_fn pages_new_child;    /* GET  /contacts/{id}/things/new */

/* The entity of the route, and one of its words in the reader's language:
 * "one", "many", "new" of entity.*. */
enum entity pages_entity(const struct request *rq);
const char *pages_text(const struct request *rq, const char *what);

/* NOT_FOUND when the contact is not there for the reader; erased ones are. */
struct err *pages_contact_there(struct request *rq, int64_t contact, bool *erased_r);
/* NOT_FOUND when the contact is not there for the reader, CONFLICT when erased. */
struct err *pages_contact_open(struct request *rq, int64_t contact);
/* The head of a form for something new of a contact: whose it is, where it is
 * sent. Runs what is queued. */
struct err *
pages_form_of_contact(struct request *rq, struct response *rp, enum entity e, int64_t contact);

/* The record again, as the answer to a write: 200 or 201 with the object. */
struct err *pages_answer(struct request *rq, struct response *rp, enum entity e, int64_t id,
	int status, const struct changes *c);

#endif
