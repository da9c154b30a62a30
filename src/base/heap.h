/* SPDX-License-Identifier: ISC */
/*
 * The heap of a process that lives for long. Nothing of it is for commands, which end.
 */
#ifndef PRAYA_HEAP_H
#define PRAYA_HEAP_H

/* Once, at start: what is large is mapped and given back by itself, and what is free at
 * the heap's end is given back, too. */
void heap_init(void);

#endif
