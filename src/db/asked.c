/* SPDX-License-Identifier: ISC */
#include "asked.h"

/* FNV-1a: the names are our own, nobody chooses them to collide. */
size_t
asked_place(const char *name)
{
	uint64_t h = 14695981039346656037u;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211u;
	return (size_t)(h ^ h >> 32) % ASKED_COUNTS;
}

void
asked_add(struct asked *asked, size_t place)
{
	if (asked->counts[place] < UINT8_MAX)
		asked->counts[place]++;
	if (++asked->since < asked->every)
		return;
	asked->since = 0;
	for (size_t i = 0; i < ASKED_COUNTS; i++)
		asked->counts[i] /= 2;
}
