/* SPDX-License-Identifier: ISC */
/*
 * What somebody disputes of an opinion on them, put to the record that has it (Cap. 486
 * s.25(2)): the field opinion_note, which whoever reads the opinion reads.
 */
#ifndef PRAYA_CASE_OPINION_H
#define PRAYA_CASE_OPINION_H

#include "case_view.h"

/* The record that has it. */
struct opinion {
	enum entity entity;
	int64_t id, contact;
};

/* opinion_of of a body: "contact:12", "activity:5", "message:9" of a person of the case; absent:
 * the person, where it is one. */
struct err *opinion_read(struct request *rq, const struct privacy_case *c, struct opinion *o,
	struct err **e) ATTR_WARN_UNUSED;
/* Joins what stands there already. */
struct err *opinion_note(struct request *rq, const struct privacy_case *c, const struct opinion *o,
	const char *text) ATTR_WARN_UNUSED;
/* The records it may be in, as a choice. */
struct err *opinion_field(struct request *rq, const struct privacy_case *c,
	struct json_object *list) ATTR_WARN_UNUSED;

#endif
