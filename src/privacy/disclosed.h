/* SPDX-License-Identifier: ISC */
/* The register of disclosures as data: what it says belongs to what is held of a person. */
#ifndef PRAYA_DISCLOSED_H
#define PRAYA_DISCLOSED_H

#include "record.h"

struct disclosed {
	const char *source; /* register, export, handover, mail */
	const char *on;     /* day */
	const char *note;   /* to whom, but of an export its reason */
	const char *purpose;
	const char *who; /* name of whoever recorded or sent it */
	const char **fields;
	size_t nfields;
	int64_t ref, by;
};

/* From the first to `until`, NULL for all; what was written down opens with the person's key. */
struct err *disclosed_load(struct tx *tx, struct arena *a, int64_t contact,
	const struct seal_key *key, const char *until, struct disclosed **list_r, size_t *n_r);
/* Whom it went to, as far as Praya knows; who: the user whose export it was. */
const char *
disclosed_to(struct arena *a, enum lang l, const char *source, const char *who, const char *note);
/* "Email, Phone"; NULL: it is not known which. */
const char *disclosed_fields(
	struct arena *a, const struct catalogue *cat, enum lang l, const struct disclosed *d);

/* One sealed text of the register: recipient or purpose. */
const char *disclosed_place(struct arena *a, const char *what, const struct seal_key *key);
const char *
disclosed_text(struct arena *a, const struct seal_key *key, const char *what, struct bytes sealed);

#endif
