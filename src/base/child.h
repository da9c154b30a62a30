/* SPDX-License-Identifier: ISC */
/*
 * Another program, run for us: what it says goes to a descriptor or nowhere, it
 * gets the environment it is given and no descriptor of ours, and it is asked to
 * end (SIGINT) when we do, however we end.
 */
#ifndef PRAYA_CHILD_H
#define PRAYA_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: none */
	int watch; /* becomes readable when it has ended */
};

/* argv[0]: its path. out: where its standard output goes, -1: nowhere. False
 * with errno when there could be no process; a program that cannot be run ends
 * with 127. */
bool child_start(struct child *c, const char *const *argv, const char *const *env, int out);
/* The same with what it reads from standard input (child_start(): nothing). */
bool
child_start_fed(struct child *c, const char *const *argv, const char *const *env, int in, int out);
/* True when it has ended within so many milliseconds; *exit_r: its exit status,
 * -1 when a signal ended it. */
bool child_wait(struct child *c, int ms, int *exit_r);
/* Asks it to end, and ends it when it does not within ten seconds. */
void child_stop(struct child *c);

#endif
