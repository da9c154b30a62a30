/* SPDX-License-Identifier: ISC */
#include "harden.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"

void
process_harden(void)
{
	const struct rlimit none = {0, 0};

	/* The limit alone does not stop a core_pattern that pipes to a program;
	 * "not dumpable" does. */
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_fatal("the system refuses to switch core files off");
}
