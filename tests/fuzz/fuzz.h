/* SPDX-License-Identifier: ISC */
/*
 * Fuzz targets: tests/fuzz/fuzz_NAME.c, one function for libFuzzer, inputs worth
 * keeping in tests/fuzz/corpus/NAME. `make check` replays the corpora, under
 * --enable-sanitizers with the sanitizers; tests/fuzz/run looks for new inputs.
 */
#ifndef PRAYA_FUZZ_H
#define PRAYA_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; an abort is what a fuzzer notices. */
#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			abort(); \
		} \
	} while (0)

/* One arena a process, emptied before each input. */
static inline struct arena *
fuzz_arena(void)
{
	static struct arena *a;

	if (a == NULL)
		a = arena_new((size_t)256 << 20);
	arena_reset(a);
	return a;
}

#endif
