/* SPDX-License-Identifier: ISC */
/* Where a statement runs: the first word of its name says it (db/tx.h). */
#ifndef PRAYA_TEST_PLACES_H
#define PRAYA_TEST_PLACES_H

#include <string.h>

#include "tx.h"

enum place { WORKSPACE, OWNER, DIRECTORY, CELL, CLUSTER, EVERYWHERE, PLACES };

static inline enum place
place_of(const struct stmt *s)
{
	static const struct {
		const char *word;
		enum place place;
	} words[] = {
		{"cell", CELL},
		{"cluster", CLUSTER},
		{"directory", DIRECTORY},
		{"ledger", CELL},
		{"migrate", EVERYWHERE},
		{"owner", OWNER},
		{"wake", CELL},
	};
	size_t n = strcspn(s->name, ".");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == n && strncmp(s->name, words[i].word, n) == 0)
			return words[i].place;
	return WORKSPACE;
}

#endif
