/* SPDX-License-Identifier: ISC */
/*
 * What in a text may tell who somebody is: addresses, telephone and identity card
 * numbers, and what looks like a name in either script. A pure function; whether
 * somebody of that name is known is for its caller to look up.
 */
#ifndef PRAYA_REDACT_H
#define PRAYA_REDACT_H

#include "arena.h"

enum redact_kind {
	REDACT_EMAIL,
	REDACT_PHONE,
	REDACT_HKID,
	REDACT_TITLED,  /* behind "Mr", before 先生: a name, whether it is known or not */
	REDACT_NAME,    /* two to four words that begin with capitals */
	REDACT_NAME_ZH, /* a surname and one to three characters */
	REDACT_KIND_MAX
};

struct redact_hit {
	size_t start, n; /* bytes */
	enum redact_kind kind;
	const char *value; /* as it is looked up: normalised number, address in lower case, name */
};

/* All there are, in order of their start; those of names overlap. */
size_t redact_scan(struct arena *a, const char *text, struct redact_hit **hits_r);

#endif
