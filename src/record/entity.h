/* SPDX-License-Identifier: ISC */
/* What differs between the entities: a row each, no code. */
#ifndef PRAYA_ENTITY_H
#define PRAYA_ENTITY_H

#include "principal.h"

struct sort_key {
	const char *name; /* in the API */
	const char *sql;  /* expression on alias r; indexed */
	const char *cast; /* of a cursor's value */
	const char *text; /* the expression as text, for the cursor */
};

struct entity_def {
	enum entity entity;
	const char *table;
	const char *pk;
	const char *path; /* "/contacts" */
	bool child;       /* has contact_id: follows its contact */
	bool owned;       /* has owner_id and team_id: own and team scopes */
	const char *sort; /* default, with '-' for descending */
	const struct sort_key *sorts;
	const char *const *words; /* fields (and columns) searched by q, NULL: no search */
	const char *const *title; /* fields (and columns) that name a record: the first there is */
};

const struct entity_def *entity_def(enum entity e);
const struct sort_key *entity_sort(const struct entity_def *d, const char *name);

#endif
