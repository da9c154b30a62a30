/* SPDX-License-Identifier: ISC */
/* How the workspace answers whoever asks what becomes of their data. */
#ifndef PRAYA_TRUST_H
#define PRAYA_TRUST_H

#include "workspace.h"

extern const struct route trust_routes[];

/* The model in words, for the page: Page.answers. */
void trust_words(struct request *rq, struct response *rp);

#endif
