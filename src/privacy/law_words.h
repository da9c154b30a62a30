/* SPDX-License-Identifier: ISC */
/* The place of a law in the reader's language. */
#ifndef PRAYA_LAW_WORDS_H
#define PRAYA_LAW_WORDS_H

#include "arena.h"
#include "view.h"

/* "Cap. 112 s.51C", as law_term has it; what is written otherwise, and NULL, stays as it is. */
const char *law_shown(struct arena *a, enum lang lang, const char *law);

#endif
