/* SPDX-License-Identifier: ISC */
/*
 * A page's form whose values were refused before any handler saw them (too long, of a
 * wrong type, missing) comes back like one that a handler refused: with an error
 * at its field and with what was typed. Of gate/ only.
 */
#ifndef PRAYA_FORM_AGAIN_H
#define PRAYA_FORM_AGAIN_H

#include "gate.h"

/* The row whose page holds the form that this request was sent from; NULL: none, or
 * what was refused is nothing that a form of ours can have sent. */
const struct route *form_again_route(const struct request *rq, const struct err *refused);
/* The form's body for the handler of its page: without what that takes for parameters
 * of its own. */
struct json_object *form_again_body(const struct request *rq, const struct route *page);
/* What was typed, into the fields that the page has made. */
void form_again_fill(struct json_object *page, struct json_object *typed);
/* Does the page say at a field what is wrong with it, of all that was refused? */
bool form_again_shows(struct arena *a, const char *html, const struct err *refused);

#endif
