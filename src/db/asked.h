/* SPDX-License-Identifier: ISC */
/*
 * How often a name was asked for lately, for any number of names in constant
 * memory: counts that are halved now and then, found by a hash. Names that
 * share a count look more popular than they are, which is the harmless mistake.
 */
#ifndef PRAYA_ASKED_H
#define PRAYA_ASKED_H

#include <stddef.h>
#include <stdint.h>

#define ASKED_COUNTS 4096

struct asked {
	uint8_t counts[ASKED_COUNTS];
	size_t since; /* asked for since the counts were halved */
	size_t every; /* they are halved after so many */
};

/* Where the name's count is: to be kept by whoever asks for it again. */
size_t asked_place(const char *name);
void asked_add(struct asked *asked, size_t place);

#endif
