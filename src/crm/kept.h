/* SPDX-License-Identifier: ISC */
/*
 * Fields of a person that a law wants kept until a date (Cap. 615 and others),
 * whatever the person asks: erasure leaves them, names law and date on the
 * receipt, and erases them when the date has come.
 */
#ifndef PRAYA_KEPT_H
#define PRAYA_KEPT_H

#include "pages.h"

extern const struct route kept_routes[];

/* The panel of a contact's page: queued, there after the trip. */
void kept_queue(const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r);
void kept_model(const struct record_ctx *cx, const struct record *contact, const struct rows *rows,
	struct json_object *page);

#endif
