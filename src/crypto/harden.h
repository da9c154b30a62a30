/* SPDX-License-Identifier: ISC */
#ifndef PRAYA_HARDEN_H
#define PRAYA_HARDEN_H

/* First call of every program: keys and personal data in this process's memory
 * never reach a core file, and no other process of the same user can trace it
 * or read its memory. Lost at exec, so each program calls it for itself. Ends
 * the process when the system refuses. */
void process_harden(void);

#endif
