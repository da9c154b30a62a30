/* SPDX-License-Identifier: ISC */
/* A folder for one test program, below the current one, and its removal. */
#ifndef PRAYA_SCRATCH_H
#define PRAYA_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static int
scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
scratch_remove(const char *dir)
{
	nftw(dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* dir ends in XXXXXX. Aborts when it cannot be made. */
static inline void
scratch_make(char *dir)
{
	if (mkdtemp(dir) == NULL)
		abort();
}

#endif
