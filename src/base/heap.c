/* SPDX-License-Identifier: ISC */
#include "heap.h"

#include <malloc.h>

#include "log.h"

#define MAPPED_FROM (64 * 1024)
#define TRIMMED_FROM (128 * 1024)

/*
 * Left alone, glibc raises both numbers to the largest block that was ever freed, up to
 * 32 MiB. From then on such blocks are cut out of the heap, small ones that stay settle
 * above them, and the process keeps for good whatever its largest request took. Set once,
 * they stay.
 */
void
heap_init(void)
{
	if (mallopt(M_MMAP_THRESHOLD, MAPPED_FROM) != 1 ||
		mallopt(M_TRIM_THRESHOLD, TRIMMED_FROM) != 1)
		log_fatal("the C library does not take settings of its heap");
}
