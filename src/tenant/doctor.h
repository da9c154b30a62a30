/* SPDX-License-Identifier: ISC */
/*
 * Checks of an installation. Each finding says in one line what was looked at,
 * what was found and, when it is not well, how to mend it. Nothing is changed.
 */
#ifndef PRAYA_DOCTOR_H
#define PRAYA_DOCTOR_H

#include "err.h"
#include "settings.h"

enum finding_level { FINDING_OK, FINDING_NOTE, FINDING_FAULT };

struct finding {
	enum finding_level level;
	const char *about; /* "master key", "workspace harbour" */
	const char *what;
	const char *mend; /* "" unless FINDING_FAULT */
	struct finding *next;
};

/* Never fails as a whole: what cannot be looked at is a finding. */
struct finding *doctor_run(const struct settings *st, struct arena *a);

#endif
